import { TilthError } from "../core/index.ts";
import type { Crs } from "../crs/index.ts";
import {
  countOf,
  invalidGrid,
  isObject,
  numberOf,
  numbersOf,
  parseGridJson,
  textOf,
  type JsonObject,
} from "./json_fields.ts";
import { MAX_LEVELS, MAX_MATRIX_SIZE, MAX_TILE_SIZE } from "./make_grid.ts";
import { chooseCellSize } from "./cell_size.ts";
import { readMatrixSetCrs } from "./matrix_set_crs.ts";
import { cellSizeToScale, TileMatrixSet, type CornerOfOrigin, type TileMatrix } from "./tile_matrix_set.ts";

/** True for a TileMatrixSet document of version 2 (OGC 17-083r4) or version 1 (17-083r2), of which nothing else is checked. */
export function isTileMatrixSetJson(json: JsonObject): boolean {
  return "tileMatrices" in json || "tileMatrix" in json;
}

/**
 * A 2D TMS document, version 2 (OGC 17-083r4, JSON encoding) or version 1 (17-083r2). Corners are read in the order that `orderedAxes` says,
 * else in that of the CRS's authority. Levels may come in any order. A level whose `cornerOfOrigin` is bottomLeft gets its upper left corner here
 * and keeps the word: rows count from the top in here, and row r of the document is row matrixHeight - 1 - r.
 * @throws `grid.invalid`, `grid.variableWidths`
 */
export function readTileMatrixSet(text: string): TileMatrixSet {
  return tileMatrixSetFromJson(parseGridJson(text));
}

/** @see readTileMatrixSet */
export function tileMatrixSetFromJson(json: JsonObject): TileMatrixSet {
  const crs = readMatrixSetCrs(json["crs"] ?? json["supportedCRS"]);
  const levels = json["tileMatrices"] ?? json["tileMatrix"];
  if (!Array.isArray(levels) || levels.length === 0 || levels.length > MAX_LEVELS)
    throw invalidGrid(`1 to ${MAX_LEVELS} levels as 'tileMatrices'`, levels);
  const yFirst = isYFirst(json["orderedAxes"], crs);
  const matrices = levels.map((level: unknown) => readMatrix(level, crs, yFirst));
  const ids = new Set(matrices.map(({ id }) => id));
  if (ids.size < matrices.length)
    throw invalidGrid(
      "levels with different ids",
      matrices.map(({ id }) => id),
    );
  const id = textOf(json, "id") ?? textOf(json, "identifier") ?? `grid of ${crs.code}`;
  const title = textOf(json, "title") ?? id;
  return new TileMatrixSet({ id, title, crs, matrices: matrices.toSorted((a, b) => b.cellSize - a.cellSize) });
}

/** `["Lat","Lon"]`, `["N","E"]`, `["Y","X"]` put y first: Y is read as northing, as documents use it where the authority calls it otherwise. */
function isYFirst(axes: unknown, crs: Crs): boolean {
  if (axes === undefined || axes === null) return crs.axisOrder === "yx";
  const [first, second] = Array.isArray(axes) ? axes.map(directionOf) : [];
  if (first === undefined || second === undefined || first === second)
    throw invalidGrid("two axes such as Lat,Lon or E,N as 'orderedAxes'", axes);
  return first === "y";
}

function directionOf(axis: unknown): "x" | "y" | undefined {
  if (typeof axis !== "string") return undefined;
  if (/^(?:lat|n|y|φ)/i.test(axis)) return "y";
  return /^(?:lon|e|x|λ)/i.test(axis) ? "x" : undefined;
}

function readMatrix(json: unknown, crs: Crs, yFirst: boolean): TileMatrix {
  if (!isObject(json)) throw invalidGrid("an object as level", json);
  requireEqualWidths(json);
  const id = textOf(json, "id") ?? textOf(json, "identifier");
  if (id === undefined) throw invalidGrid("a level with an 'id'", json);
  const corner = numbersOf(json, "pointOfOrigin", 2) ?? numbersOf(json, "topLeftCorner", 2);
  if (corner === undefined) throw invalidGrid(`a 'pointOfOrigin' on level '${id}'`, json);
  const scale = numberOf(json, "scaleDenominator");
  const cellSize = chooseCellSize(numberOf(json, "cellSize"), scale, crs, id);
  const [tileWidth, tileHeight] = [
    countOf(json, "tileWidth", MAX_TILE_SIZE),
    countOf(json, "tileHeight", MAX_TILE_SIZE),
  ];
  const matrixWidth = countOf(json, "matrixWidth", MAX_MATRIX_SIZE);
  const matrixHeight = countOf(json, "matrixHeight", MAX_MATRIX_SIZE);
  const [x = 0, y = 0] = yFirst ? corner.toReversed() : corner;
  const cornerOfOrigin = readCorner(json["cornerOfOrigin"]);
  const top = cornerOfOrigin === "bottomLeft" ? y + matrixHeight * tileHeight * cellSize : y;
  return {
    id,
    scaleDenominator: scale ?? cellSizeToScale(cellSize, crs),
    cellSize,
    pointOfOrigin: [x, top],
    ...(cornerOfOrigin === "bottomLeft" ? { cornerOfOrigin } : {}),
    tileWidth,
    tileHeight,
    matrixWidth,
    matrixHeight,
  };
}

function readCorner(value: unknown): CornerOfOrigin {
  if (value === undefined || value === null || value === "topLeft") return "topLeft";
  if (value === "bottomLeft") return value;
  throw invalidGrid("topLeft or bottomLeft as 'cornerOfOrigin'", value);
}

function requireEqualWidths(json: JsonObject): void {
  const widths = json["variableMatrixWidths"];
  if (widths === undefined || widths === null || (Array.isArray(widths) && widths.length === 0)) return;
  throw new TilthError(
    "grid.variableWidths",
    "expected a grid whose rows are equally wide, got variableMatrixWidths; use a grid without them, e.g. WorldCRS84Quad",
  );
}
