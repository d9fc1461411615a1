import { asText, objectsOf, type Json } from "./json_values.ts";
import { isMatrixSetJson, readCrs, readMatrixSetJson } from "./matrix_set_json.ts";
import { knownSet, lastPart, linkOf, readTileSet, unknownSet } from "./ogc_tile_set.ts";
import {
  makeDescription,
  makeLayer,
  type ServiceDescription,
  type ServiceMatrixSet,
  type Skipped,
} from "./service_description.ts";

/** Tile sets and matrix sets that are read of one document. */
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
