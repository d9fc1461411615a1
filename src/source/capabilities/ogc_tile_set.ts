import { findGrid } from "../../grid/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import { lonLatBounds } from "./bounds.ts";
import { asArray, asNumber, asObject, asText, objectsOf, type Json } from "./json_values.ts";
import { isMatrixSetJson, readCrs, readMatrixSetJson } from "./matrix_set_json.ts";
import type {
  MatrixSetLink,
  ServiceMatrixSet,
  Skipped,
  TileMatrixLimits,
  TileTemplate,
} from "./service_description.ts";
import { gridMatrixSet } from "./tilejson.ts";

/** Links and limits that are read of one tile set. */
const MAX_ITEMS = 1000;

/** One tile set (OGC 20-057, 8): a layer in one matrix set. */
export interface TileSet {
  readonly dataType: string;
  readonly title: string;
  readonly bounds: ReturnType<typeof lonLatBounds>;
  readonly templates: readonly TileTemplate[];
  readonly link: MatrixSetLink;
  readonly matrixSet: ServiceMatrixSet;
}

/** @param base URL of the document; "" for a file */
export function readTileSet(json: Json, base: string, skipped: Skipped[]): TileSet {
  const matrixSet = tileSetMatrices(json, base);
  const limits = Array.isArray(json["tileMatrixSetLimits"])
    ? objectsOf(json["tileMatrixSetLimits"]).slice(0, MAX_ITEMS).flatMap(readLimits)
    : null;
  const templates = itemTemplates(json, base, matrixSet.id);
  if (templates.length === 0 && !("tileMatrixSetLimits" in json)) skipped.push(elsewhere(matrixSet.id));
  const box = asObject(json["boundingBox"]);
  const corner = (name: string): (number | null)[] => asArray(box?.[name]).map(asNumber);
  const lonLat = box === null || /CRS84/.test(readCrs(box["crs"]) || "CRS84");
  return {
    dataType: asText(json["dataType"]) || "tiles",
    title: asText(json["title"]),
    bounds: lonLat ? lonLatBounds([...corner("lowerLeft").slice(0, 2), ...corner("upperRight").slice(0, 2)]) : null,
    templates,
    link: { id: matrixSet.id, limits, link: templates.length > 0 ? null : linkOf(json, "self", base) },
    matrixSet,
  };
}

const elsewhere = (id: string): Skipped => ({ what: `tile URLs of ${id}`, reason: "they stand in its own document" });

function tileSetMatrices(json: Json, base: string): ServiceMatrixSet {
  const inline = asObject(json["tileMatrixSet"]);
  if (inline !== null && isMatrixSetJson(inline)) return readMatrixSetJson(inline);
  const uri = asText(json["tileMatrixSetURI"]) || asText(json["tileMatrixSetDefinition"]);
  const definition = linkOf(json, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", base);
  const id = asText(json["tileMatrixSetId"]) || lastPart(uri) || lastPart(definition ?? "") || "tileMatrixSet";
  return knownSet(id, uri) ?? unknownSet(id, readCrs(json["crs"]), definition);
}

export const unknownSet = (id: string, crs: string, link: string | null): ServiceMatrixSet => ({
  id,
  title: id,
  crs,
  matrices: [],
  problem: link === null ? "it is named only, and not defined" : null,
  link,
});

/** Only by the URI of the OGC's register, or its name: `EPSG:3857` and the like are no names there. */
export function knownSet(id: string, uri: string): ServiceMatrixSet | null {
  const name = /^https?:\/\/www\.opengis\.net\/def\/tilematrixset\//i.test(uri) ? lastPart(uri) : uri === "" ? id : "";
  const grid = /^[a-z]\w*$/i.test(name) ? findGrid(name) : null;
  return grid === null || grid.id !== name ? null : { ...gridMatrixSet(grid), id };
}

export const lastPart = (uri: string): string => uri.split(/[?#]/)[0]?.replace(/\/+$/, "").split("/").at(-1) ?? "";

function readLimits(json: Json): TileMatrixLimits[] {
  const [minRow, maxRow, minCol, maxCol] = ["minTileRow", "maxTileRow", "minTileCol", "maxTileCol"].map((name) =>
    asNumber(json[name]),
  );
  if (typeof minRow !== "number" || typeof maxRow !== "number") return [];
  if (typeof minCol !== "number" || typeof maxCol !== "number") return [];
  return [{ matrix: asText(json["tileMatrix"]), minRow, maxRow, minCol, maxCol }];
}

/** Links `item` are templates of tiles (OGC 20-057, 8.2.3); some servers write them relative to their root. */
function itemTemplates(json: Json, base: string, matrixSet: string): TileTemplate[] {
  return objectsOf(json["links"])
    .slice(0, MAX_ITEMS)
    .filter(({ rel, href }) => rel === "item" && typeof href === "string" && /\{\w*(?:row|col)\w*\}/i.test(href))
    .flatMap(({ href, type }) => {
      const template = absoluteUrl(String(href), base);
      return template === null ? [] : [{ format: asText(type), template, matrixSet, matrix: null }];
    });
}

/** The JSON document of a relation; null when there is none. */
export function linkOf(json: Json, rel: string, base: string): string | null {
  const links = objectsOf(json["links"]).filter((link) => link["rel"] === rel && typeof link["href"] === "string");
  const best = links.find(({ type }) => /json/i.test(asText(type))) ?? links.find(({ type }) => type === undefined);
  return best === undefined ? null : absoluteUrl(String(best["href"]), base);
}
