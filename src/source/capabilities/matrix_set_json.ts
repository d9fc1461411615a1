import { asArray, asNumber, asObject, asText, objectsOf, type Json } from "./json_values.ts";
import type { ServiceMatrix, ServiceMatrixSet } from "./service_description.ts";

/** Levels that are read. */
const MAX_LEVELS = 64;

/** True for a TileMatrixSet document of version 2 (OGC 17-083r4) or 1 (17-083r2). */
export const isMatrixSetJson = (json: Json): boolean =>
  Array.isArray(json["tileMatrices"]) || (Array.isArray(json["tileMatrix"]) && "supportedCRS" in json);

/** A TileMatrixSet document: OGC 17-083r4, annex on its JSON encoding; the keys of version 1 too. */
export function readMatrixSetJson(json: Json): ServiceMatrixSet {
  const levels = objectsOf(json["tileMatrices"] ?? json["tileMatrix"]);
  const id = asText(json["id"]) || asText(json["identifier"]) || "tileMatrixSet";
  const order = orderOf(json);
  const set = { id, title: asText(json["title"]) || id, crs: readCrs(json["crs"] ?? json["supportedCRS"]), link: null };
  if (levels.length > MAX_LEVELS) return { ...set, matrices: [], problem: `it has more than ${MAX_LEVELS} levels` };
  const coalesced = levels.some((level) => asArray(level["variableMatrixWidths"]).length > 0);
  const problem = coalesced ? "grid.variableWidths: rows of different widths are not supported" : null;
  return { ...set, matrices: levels.flatMap((level) => readMatrix(level, order)), problem };
}

/** `crs` is a URI, `{ uri }`, `{ wkt }` with an id, or `{ referenceSystem }` (17-083r4, 8.1). */
export function readCrs(value: unknown): string {
  if (typeof value === "string") return asText(value);
  const object = asObject(value);
  if (object === null) return "";
  if (typeof object["uri"] === "string") return asText(object["uri"]);
  const id = asObject((asObject(object["wkt"]) ?? asObject(object["referenceSystem"]))?.["id"]);
  const [authority, code] = [asText(id?.["authority"] ?? id?.["codeSpace"]), asText(id?.["code"])];
  return authority === "" || code === "" ? "" : `${authority}:${code}`;
}

/** `orderedAxes` says how `pointOfOrigin` is written; without it the CRS does. */
function orderOf(json: Json): ServiceMatrix["cornerOrder"] {
  const [first] = asArray(json["orderedAxes"]);
  if (typeof first !== "string") return "authority";
  if (/^(?:lat|n|y)/i.test(first)) return "yx";
  return /^(?:lon|e|x)/i.test(first) ? "xy" : "authority";
}

function readMatrix(json: Json, cornerOrder: ServiceMatrix["cornerOrder"]): ServiceMatrix[] {
  const [first, second] = asArray(json["pointOfOrigin"] ?? json["topLeftCorner"]).map(asNumber);
  const scaleDenominator = asNumber(json["scaleDenominator"]);
  const cellSize = asNumber(json["cellSize"]);
  const [tileWidth = 0, tileHeight = 0, matrixWidth = 0, matrixHeight = 0] = [
    "tileWidth",
    "tileHeight",
    "matrixWidth",
    "matrixHeight",
  ].map((name) => asNumber(json[name]) ?? 0);
  const whole = [tileWidth, tileHeight, matrixWidth, matrixHeight].every((n) => Number.isInteger(n) && n >= 1);
  if (typeof first !== "number" || typeof second !== "number" || !whole) return [];
  if ((scaleDenominator ?? 0) <= 0 && (cellSize ?? 0) <= 0) return [];
  return [
    {
      id: asText(json["id"] ?? json["identifier"]),
      scaleDenominator,
      cellSize,
      corner: [first, second],
      cornerOrder,
      cornerOfOrigin: json["cornerOfOrigin"] === "bottomLeft" ? "bottomLeft" : "topLeft",
      tileWidth,
      tileHeight,
      matrixWidth,
      matrixHeight,
    },
  ];
}
