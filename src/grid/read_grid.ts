import { getCrs } from "../crs/index.ts";
import type { Bbox } from "../geo/index.ts";
import { invalidGrid, numberOf, numbersOf, parseGridJson, textOf, type JsonObject } from "./json_fields.ts";
import { makeGrid, type GridParts } from "./make_grid.ts";
import { isTileMatrixSetJson, tileMatrixSetFromJson } from "./read_tile_matrix_set.ts";
import type { CornerOfOrigin, TileMatrixSet } from "./tile_matrix_set.ts";

const FIELDS: readonly string[] = [
  "id",
  "title",
  "crs",
  "bbox",
  "bounds",
  "origin",
  "cornerOfOrigin",
  "resolutions",
  "scales",
  "maxResolution",
  "factor",
  "levels",
  "tileSize",
] satisfies readonly (keyof GridParts)[];

/**
 * A grid out of a file's text: a 2D TMS document (`readTileMatrixSet`), or JSON of the parts of a grid (`GridParts`; `crs` is a text).
 * @throws `grid.invalid`, `grid.variableWidths`, `crs.unknown`
 */
export function readGrid(text: string): TileMatrixSet {
  const json = parseGridJson(text);
  return isTileMatrixSetJson(json) ? tileMatrixSetFromJson(json) : makeGrid(readParts(json));
}

function readParts(json: JsonObject): GridParts {
  const stranger = Object.keys(json).find((name) => !FIELDS.includes(name));
  if (stranger !== undefined) throw invalidGrid(`'tileMatrices', or parts of ${FIELDS.join(", ")}`, stranger);
  const crs = textOf(json, "crs");
  if (crs === undefined) throw invalidGrid("a 'crs' such as EPSG:2154", json["crs"]);
  return {
    crs: getCrs(crs),
    id: textOf(json, "id"),
    title: textOf(json, "title"),
    bbox: numbersOf(json, "bbox", 4) as unknown as Bbox | undefined,
    bounds: numbersOf(json, "bounds", 4) as unknown as Bbox | undefined,
    origin: originOf(json),
    cornerOfOrigin: cornerOf(json),
    resolutions: numbersOf(json, "resolutions"),
    scales: numbersOf(json, "scales"),
    maxResolution: numberOf(json, "maxResolution"),
    factor: json["factor"] === "sqrt2" ? Math.SQRT2 : numberOf(json, "factor"),
    levels: numberOf(json, "levels"),
    tileSize: tileSizeOf(json),
  };
}

function originOf(json: JsonObject): GridParts["origin"] {
  const { origin } = json;
  if (origin === undefined || origin === "nw" || origin === "sw") return origin;
  return numbersOf(json, "origin", 2) as unknown as readonly [number, number];
}

function cornerOf(json: JsonObject): CornerOfOrigin | undefined {
  const { cornerOfOrigin } = json;
  if (cornerOfOrigin === undefined || cornerOfOrigin === "topLeft" || cornerOfOrigin === "bottomLeft")
    return cornerOfOrigin;
  throw invalidGrid("topLeft or bottomLeft as 'cornerOfOrigin'", cornerOfOrigin);
}

function tileSizeOf(json: JsonObject): GridParts["tileSize"] {
  if (!Array.isArray(json["tileSize"])) return numberOf(json, "tileSize");
  return numbersOf(json, "tileSize", 2) as unknown as readonly [number, number];
}
