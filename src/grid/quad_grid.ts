import type { Crs } from "../crs/index.ts";
import { cellSizeToScale, TileMatrixSet, type TileMatrix } from "./tile_matrix_set.ts";

/** Deepest level unless said: 2^30 columns keep tile numbers exact in 32 bits. */
const MAX_ZOOM = 30;

export interface QuadGridOptions {
  id: string;
  title: string;
  crs: Crs;
  /** Top left corner, CRS units. */
  pointOfOrigin: readonly [x: number, y: number];
  /** Width of a whole tile on level 0, CRS units. */
  tileSpan: number;
  /** Tiles on level 0. */
  columns: number;
  rows: number;
  /** Pixels; 256 unless said. */
  tileSize?: number;
  /** Levels 0..maxZoom. */
  maxZoom?: number;
  /** Number that the first level is called by. @default 0 */
  firstId?: number;
}

/** A grid whose every level halves the cell size of the one before. */
export function quadGrid(options: QuadGridOptions): TileMatrixSet {
  const { tileSize = 256, maxZoom = MAX_ZOOM, firstId = 0, crs } = options;
  const matrices = Array.from({ length: maxZoom + 1 }, (_, z): TileMatrix => {
    const cellSize = options.tileSpan / tileSize / 2 ** z;
    return {
      id: String(z + firstId),
      scaleDenominator: cellSizeToScale(cellSize, crs),
      cellSize,
      pointOfOrigin: options.pointOfOrigin,
      tileWidth: tileSize,
      tileHeight: tileSize,
      matrixWidth: options.columns * 2 ** z,
      matrixHeight: options.rows * 2 ** z,
    };
  });
  return new TileMatrixSet({ id: options.id, title: options.title, crs, matrices });
}

/** The same tiles in the same places with other pixels: square tiles of `tileSize`. */
export function withTileSize(grid: TileMatrixSet, tileSize: number): TileMatrixSet {
  if (grid.matrices.every(({ tileWidth, tileHeight }) => tileWidth === tileSize && tileHeight === tileSize))
    return grid;
  const matrices = grid.matrices.map((matrix): TileMatrix => {
    const share = matrix.tileWidth / tileSize;
    return {
      ...matrix,
      cellSize: matrix.cellSize * share,
      scaleDenominator: matrix.scaleDenominator * share,
      tileWidth: tileSize,
      tileHeight: (matrix.tileHeight / matrix.tileWidth) * tileSize,
    };
  });
  return new TileMatrixSet({ id: grid.id, title: grid.title, crs: grid.crs, matrices });
}
