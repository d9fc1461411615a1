import { TilthError } from "../core/index.ts";
import type { Crs } from "../crs/index.ts";
import type { Bbox } from "../geo/index.ts";
import type { TileCoord, TileRange } from "./tile.ts";

/** OGC's standardized rendering pixel: 0.28 mm (OGC 17-083r4, 6.1). */
export const STANDARD_PIXEL_SIZE_M = 0.00028;

/** OGC 17-083r4, 6.2.1. */
export type CornerOfOrigin = "topLeft" | "bottomLeft";

/** One level of a tile matrix set. */
export interface TileMatrix {
  /** Identifier at OGC borders; not always a number. */
  readonly id: string;
  readonly scaleDenominator: number;
  /** CRS units for one pixel. */
  readonly cellSize: number;
  /** Top left corner of tile 0/0, x first. */
  readonly pointOfOrigin: readonly [x: number, y: number];
  /** Corner from which documents and services of this grid count their rows; in here rows count from the top all the same. @default topLeft */
  readonly cornerOfOrigin?: CornerOfOrigin;
  /** Pixels. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Tiles. */
  readonly matrixWidth: number;
  readonly matrixHeight: number;
}

export interface TileMatrixSetOptions {
  id: string;
  title?: string;
  crs: Crs;
  matrices: readonly TileMatrix[];
}

/** A tiling scheme: a CRS and its levels, coarsest first. Rows count from the top. */
export class TileMatrixSet {
  readonly id: string;
  readonly title: string;
  readonly crs: Crs;
  readonly matrices: readonly TileMatrix[];

  constructor(options: TileMatrixSetOptions) {
    this.id = options.id;
    this.title = options.title ?? options.id;
    this.crs = options.crs;
    this.matrices = options.matrices;
  }

  get maxZ(): number {
    return this.matrices.length - 1;
  }

  /** @throws `grid.level` */
  getMatrix(z: number): TileMatrix {
    const matrix = this.matrices[z];
    if (matrix !== undefined) return matrix;
    throw new TilthError("grid.level", `expected a zoom within 0-${this.maxZ} of ${this.id}, got ${z}`, {
      fields: { grid: this.id, zoom: z, maxZoom: this.maxZ },
    });
  }

  hasTile(tile: TileCoord): boolean {
    const matrix = this.matrices[tile.z];
    if (matrix === undefined || !Number.isInteger(tile.x) || !Number.isInteger(tile.y)) return false;
    return tile.x >= 0 && tile.y >= 0 && tile.x < matrix.matrixWidth && tile.y < matrix.matrixHeight;
  }

  /** The tile's box in CRS units, x first. */
  tileToBbox(tile: TileCoord): Bbox {
    return this.rangeToBbox({ z: tile.z, minX: tile.x, minY: tile.y, maxX: tile.x, maxY: tile.y });
  }

  /** Box in CRS units around all tiles of a range. */
  rangeToBbox(range: TileRange): Bbox {
    const { cellSize, tileWidth, tileHeight, pointOfOrigin } = this.getMatrix(range.z);
    const [left, top] = pointOfOrigin;
    const width = cellSize * tileWidth;
    const height = cellSize * tileHeight;
    return [
      left + range.minX * width,
      top - (range.maxY + 1) * height,
      left + (range.maxX + 1) * width,
      top - range.minY * height,
    ];
  }

  /** The whole level. */
  levelRange(z: number): TileRange {
    const { matrixWidth, matrixHeight } = this.getMatrix(z);
    return { z, minX: 0, minY: 0, maxX: matrixWidth - 1, maxY: matrixHeight - 1 };
  }

  /** Extent of the coarsest level in CRS units. */
  get bbox(): Bbox {
    return this.rangeToBbox(this.levelRange(0));
  }

  /** The tile under a point given in CRS units (its right and lower edge, and what is within 1e-6 tile of them, belong to the next tile); null outside. */
  pointToTile(x: number, y: number, z: number): TileCoord | null {
    const { cellSize, tileWidth, tileHeight, pointOfOrigin } = this.getMatrix(z);
    const tile = {
      z,
      x: floorSnapped((x - pointOfOrigin[0]) / (cellSize * tileWidth)),
      y: floorSnapped((pointOfOrigin[1] - y) / (cellSize * tileHeight)),
    };
    return this.hasTile(tile) ? tile : null;
  }

  /** @see pointToTile; lon/lat degrees. */
  lonLatToTile(lon: number, lat: number, z: number): TileCoord | null {
    const [x, y] = this.crs.fromLonLat(lon, lat);
    return this.pointToTile(x, y, z);
  }

  /**
   * Tiles of level `z` that share more than an edge with a box in CRS units; null when there are none.
   * Edges closer than 1e-6 tile to a tile border count as on it, so that a box made of tile borders gives just those tiles.
   */
  bboxToRange(bbox: Bbox, z: number): TileRange | null {
    const { cellSize, tileWidth, tileHeight, pointOfOrigin, matrixWidth, matrixHeight } = this.getMatrix(z);
    const [left, top] = pointOfOrigin;
    const width = cellSize * tileWidth;
    const height = cellSize * tileHeight;
    const minX = Math.max(0, floorSnapped((bbox[0] - left) / width));
    const maxX = Math.min(matrixWidth, ceilSnapped((bbox[2] - left) / width)) - 1;
    const minY = Math.max(0, floorSnapped((top - bbox[3]) / height));
    const maxY = Math.min(matrixHeight, ceilSnapped((top - bbox[1]) / height)) - 1;
    // Written so that NaN is 'none'.
    return minX <= maxX && minY <= maxY ? { z, minX, minY, maxX, maxY } : null;
  }
}

/** 1:n at which a pixel of `cellSize` CRS units measures 0.28 mm (OGC 17-083r4, 6.1). */
export function cellSizeToScale(cellSize: number, crs: Pick<Crs, "metresPerUnit">): number {
  return (cellSize * crs.metresPerUnit) / STANDARD_PIXEL_SIZE_M;
}

/** @see cellSizeToScale */
export function scaleToCellSize(scaleDenominator: number, crs: Pick<Crs, "metresPerUnit">): number {
  return (scaleDenominator * STANDARD_PIXEL_SIZE_M) / crs.metresPerUnit;
}

const BORDER_TOLERANCE_TILES = 1e-6;

export function floorSnapped(value: number): number {
  return Math.floor(value + BORDER_TOLERANCE_TILES);
}

export function ceilSnapped(value: number): number {
  return Math.ceil(value - BORDER_TOLERANCE_TILES);
}
