import { findGrid } from "../../grid/index.ts";
import { absoluteUrl } from "./absolute_url.ts";
import { asArray, asNumber, asObject, asText, objectsOf, type Json } from "./json_values.ts";
import { lonLatBounds } from "./bounds.ts";
import { isMatrixSetJson, readCrs, readMatrixSetJson } from "./matrix_set_json.ts";
import {
  makeDescription,
  makeLayer,
  type MatrixSetLink,
  type ServiceDescription,
  type ServiceMatrixSet,
  type Skipped,
  type TileMatrixLimits,
  type TileTemplate,
} from "./service_description.ts";
import { gridMatrixSet } from "./tilejson.ts";

/** Tile sets, sets, links and limits that are read of one document. */
const MAX_ITEMS = 1000;

/** True for the JSON documents of OGC API - Tiles (OGC 20-057) and 2D Tile Matrix Set (17-083r4) that are read here. */
export const isOgcTiles = (json: Json): boolean =>
  isMatrixSetJson(json) || Array.isArray(json["tileMatrixSets"]) || Array.isArray(json["tilesets"]) || isTileSet(json);

const isTileSet = (json: Json): boolean =>
  "tileMatrixSetURI" in json || "tileMatrixSetId" in json || "tileMatrixSetLimits" in json || "tileMatrixSet" in json;

/** A tile set, a list of them, a tile matrix set, or a list of those. @param base URL of the document; "" for a file */
export function parseOgcTiles(json: Json, base: string): ServiceDescription {
  if (isMatrixSetJson(json)) return setsOnly(asText(json["title"]), [readMatrixSetJson(json)]);
  if (Array.isArray(json["tileMatrixSets"]))
    return setsOnly(
      asText(json["title"]),
      objectsOf(json["tileMatrixSets"])
        .slice(0, MAX_ITEMS)
        .map((one) => listedSet(one, base)),
    );
  const skipped: Skipped[] = [];
  const listed = Array.isArray(json["tilesets"]) ? objectsOf(json["tilesets"]).slice(0, MAX_ITEMS) : [json];
  const sets = listed.map((tileSet) => readTileSet(tileSet, base, skipped));
  // Tile sets of one kind of data are one layer in several matrix sets.
  const kinds = [...new Set(sets.map(({ dataType }) => dataType))];
  const title = asText(json["title"]) || sets[0]?.title || "";
  const layers = kinds.map((kind) => {
    const own = sets.filter(({ dataType }) => dataType === kind);
    const templates = own.flatMap((one) => one.templates);
    return makeLayer({
      name: kind,
      title: own[0]?.title || title,
      bounds: own[0]?.bounds ?? null,
      formats: [...new Set(templates.map(({ format }) => format))],
      matrixSets: own.map(({ link }) => link),
      templates,
    });
  });
  const matrixSets = new Map(sets.map(({ matrixSet }) => [matrixSet.id, matrixSet]));
  return makeDescription({
    kind: "ogcTiles",
    title,
    version: "1.0",
    layers,
    matrixSets: [...matrixSets.values()],
    skipped,
  });
}

function setsOnly(title: string, matrixSets: readonly ServiceMatrixSet[]): ServiceDescription {
  const reason = "the document describes tile matrix sets only; give the URL of a tile set to fetch from it";
  return makeDescription({
    kind: "ogcTiles",
    title,
    version: "1.0",
    matrixSets,
    skipped: [{ what: "layers", reason }],
  });
}

/** An entry of a list: what the standard knows by its name needs no look-up. */
function listedSet(json: Json, base: string): ServiceMatrixSet {
  const id = asText(json["id"]) || lastPart(asText(json["uri"]));
  return knownSet(id, asText(json["uri"])) ?? unknownSet(id, readCrs(json["crs"]), linkOf(json, "self", base));
}

interface TileSet {
  readonly dataType: string;
  readonly title: string;
  readonly bounds: ReturnType<typeof lonLatBounds>;
  readonly templates: readonly TileTemplate[];
  readonly link: MatrixSetLink;
  readonly matrixSet: ServiceMatrixSet;
}

function readTileSet(json: Json, base: string, skipped: Skipped[]): TileSet {
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

const unknownSet = (id: string, crs: string, link: string | null): ServiceMatrixSet => ({
  id,
  title: id,
  crs,
  matrices: [],
  problem: link === null ? "it is named only, and not defined" : null,
  link,
});

/** Only by the URI of the OGC's register, or its name: `EPSG:3857` and the like are no names there. */
function knownSet(id: string, uri: string): ServiceMatrixSet | null {
  const name = /^https?:\/\/www\.opengis\.net\/def\/tilematrixset\//i.test(uri) ? lastPart(uri) : uri === "" ? id : "";
  const grid = /^[a-z]\w*$/i.test(name) ? findGrid(name) : null;
  return grid === null || grid.id !== name ? null : { ...gridMatrixSet(grid), id };
}

const lastPart = (uri: string): string => uri.split(/[?#]/)[0]?.replace(/\/+$/, "").split("/").at(-1) ?? "";

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
function linkOf(json: Json, rel: string, base: string): string | null {
  const links = objectsOf(json["links"]).filter((link) => link["rel"] === rel && typeof link["href"] === "string");
  const best = links.find(({ type }) => /json/i.test(asText(type))) ?? links.find(({ type }) => type === undefined);
  return best === undefined ? null : absoluteUrl(String(best["href"]), base);
}
