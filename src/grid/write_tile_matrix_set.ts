import type { Crs } from "../crs/index.ts";
import { crsToUri } from "./matrix_set_crs.ts";
import type { TileMatrix, TileMatrixSet } from "./tile_matrix_set.ts";

/** A 2D TMS document of version 2 (OGC 17-083r4), as data. */
export interface TileMatrixSetDocument {
  readonly id: string;
  readonly title: string;
  /** A URI; a definition where the CRS has no code. */
  readonly crs: string | { readonly wkt: string };
  readonly orderedAxes: readonly [string, string];
  readonly tileMatrices: readonly TileMatrixDocument[];
}

export interface TileMatrixDocument {
  readonly id: string;
  readonly scaleDenominator: number;
  readonly cellSize: number;
  readonly cornerOfOrigin: "topLeft" | "bottomLeft";
  /** In the order of `orderedAxes`. */
  readonly pointOfOrigin: readonly [number, number];
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly matrixWidth: number;
  readonly matrixHeight: number;
}

/** The document of a grid; axes in the order of the CRS's authority, said by `orderedAxes`. */
export function tileMatrixSetToJson(grid: TileMatrixSet): TileMatrixSetDocument {
  const { id, title, crs } = grid;
  const tileMatrices = grid.matrices.map((matrix) => writeMatrix(matrix, crs.axisOrder === "yx"));
  return { id, title, crs: crsToUri(crs) ?? { wkt: crs.definition }, orderedAxes: axesOf(crs), tileMatrices };
}

/** The same as JSON text with two spaces of indent. */
export function writeTileMatrixSet(grid: TileMatrixSet): string {
  return `${JSON.stringify(tileMatrixSetToJson(grid), null, 2)}\n`;
}

function axesOf({ kind, axisOrder }: Crs): [string, string] {
  const [x, y] = kind === "geographic" ? ["Lon", "Lat"] : ["E", "N"];
  return axisOrder === "yx" ? [y, x] : [x, y];
}

function writeMatrix(matrix: TileMatrix, yFirst: boolean): TileMatrixDocument {
  const { id, scaleDenominator, cellSize, tileWidth, tileHeight, matrixWidth, matrixHeight } = matrix;
  const { cornerOfOrigin = "topLeft" } = matrix;
  const [x, top] = matrix.pointOfOrigin;
  const y = cornerOfOrigin === "topLeft" ? top : top - matrixHeight * tileHeight * cellSize;
  const pointOfOrigin = yFirst ? ([y, x] as const) : ([x, y] as const);
  const size = { tileWidth, tileHeight, matrixWidth, matrixHeight };
  return { id, scaleDenominator, cellSize, cornerOfOrigin, pointOfOrigin, ...size };
}
