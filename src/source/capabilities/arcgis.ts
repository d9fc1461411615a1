import { findCrs } from "../../crs/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import { arcgisMatrixSet } from "./arcgis_scheme.ts";
import { lonLatBounds } from "./bounds.ts";
import { asNumber, asObject, asText, objectsOf, type Json } from "./json_values.ts";
import {
  makeDescription,
  makeLayer,
  type ServiceDescription,
  type ServiceLayer,
  type ServiceMatrixSet,
  type Skipped,
  type TileTemplate,
} from "./service_description.ts";

/** Name of the layer that stands for a fused cache. */
export const CACHE_LAYER = "tiles";

/** Layers of a map that are listed. */
const MAX_LAYERS = 20_000;

/**
 * A MapServer or ImageServer by its `?f=json` (ArcGIS REST API, Map Service and Image Service). A fused cache is one layer of tiles
 * named `tiles`; the layers of a map that is drawn on request are listed by their numbers.
 * @param base URL of the document, "" for a file: without it there is nobody to ask for tiles
 */
export function parseArcgisJson(json: Json, base: string): ServiceDescription {
  const skipped: Skipped[] = [];
  const title = asText(json["mapName"]) || asText(json["name"]) || "ArcGIS";
  const matrixSet = cachedSet(json, skipped);
  const bounds = extentBounds(asObject(json["fullExtent"]) ?? asObject(json["extent"]));
  const layers: ServiceLayer[] = objectsOf(json["layers"])
    .slice(0, MAX_LAYERS)
    .map((one) => mapLayer(one, bounds));
  if (matrixSet !== null) layers.unshift(cacheLayer(json, title, matrixSet, bounds, base));
  return makeDescription({
    kind: "arcgis",
    title,
    abstract: asText(json["serviceDescription"]) || asText(json["description"]),
    version: asText(json["currentVersion"]),
    attribution: asText(json["copyrightText"]),
    layers: layers.length > 0 ? layers : [makeLayer({ name: "export", title, bounds })],
    matrixSets: matrixSet === null ? [] : [matrixSet],
    limits: {
      maxWidth: asNumber(json["maxImageWidth"]),
      maxHeight: asNumber(json["maxImageHeight"]),
      layerLimit: null,
    },
    endpoints: base === "" ? [] : [base],
    skipped,
  });
}

function mapLayer(json: Json, bounds: LonLatBbox | null): ServiceLayer {
  const name = asText(json["id"]);
  // ArcGIS draws from the smaller scale (minScale) to the larger one; 0 = no bound.
  const [minScale, maxScale] = [asNumber(json["maxScale"]) || null, asNumber(json["minScale"]) || null];
  return makeLayer({ name, title: asText(json["name"]) || name, bounds, minScale, maxScale });
}

function cacheLayer(
  json: Json,
  title: string,
  set: ServiceMatrixSet,
  bounds: LonLatBbox | null,
  base: string,
): ServiceLayer {
  const format = formatOf(asText(asObject(json["tileInfo"])?.["format"]));
  const templates: TileTemplate[] =
    base === "" ? [] : [{ format, template: tileTemplate(base), matrixSet: set.id, matrix: null }];
  const matrixSets = [{ id: set.id, limits: null, link: null }];
  return makeLayer({ name: CACHE_LAYER, title, formats: [format], bounds, matrixSets, templates });
}

/** The service's own query (a token, say) stays; what only asks for the description goes. */
function tileTemplate(base: string): string {
  const [root = "", query = ""] = base.split("?");
  const kept = query.split("&").filter((pair) => pair !== "" && !/^f=/i.test(pair));
  return `${root.replace(/\/+$/, "")}/tile/{TileMatrix}/{TileRow}/{TileCol}${kept.length === 0 ? "" : `?${kept.join("&")}`}`;
}

function formatOf(text: string): string {
  if (/^png/i.test(text)) return "image/png";
  return /^jpe?g/i.test(text) ? "image/jpeg" : "";
}

/** The levels of a fused cache of images; null when tiles must be drawn. */
function cachedSet(json: Json, skipped: Skipped[]): ServiceMatrixSet | null {
  const info = asObject(json["tileInfo"]);
  if (info === null || json["singleFusedMapCache"] === false) return null;
  if (/^LERC/i.test(asText(info["format"]))) {
    skipped.push({ what: "the cache", reason: "its tiles are numbers (LERC), not images" });
    return null;
  }
  // The scheme may name more levels than the cache holds.
  const [low, high] = [asNumber(json["minLOD"]) ?? 0, asNumber(json["maxLOD"]) ?? Infinity];
  const lods = objectsOf(info["lods"]).filter(({ level }) => Number(level) >= low && Number(level) <= high);
  return arcgisMatrixSet({
    wkid: asText(asObject(info["spatialReference"])?.["latestWkid"] ?? asObject(info["spatialReference"])?.["wkid"]),
    origin: [asNumber(asObject(info["origin"])?.["x"]), asNumber(asObject(info["origin"])?.["y"])],
    rows: asNumber(info["rows"]) ?? 256,
    cols: asNumber(info["cols"]) ?? asNumber(info["rows"]) ?? 256,
    lods: lods.map(({ level, resolution }) => ({ id: asText(level), resolution: asNumber(resolution) })),
  });
}

function extentBounds(extent: Json | null): LonLatBbox | null {
  const reference = asObject(extent?.["spatialReference"]);
  const crs = findCrs(`EPSG:${asText(reference?.["latestWkid"] ?? reference?.["wkid"])}`);
  const [minX = null, minY = null, maxX = null, maxY = null] = ["xmin", "ymin", "xmax", "ymax"].map((name) =>
    asNumber(extent?.[name]),
  );
  if (crs === null || !crs.separable || minX === null || minY === null || maxX === null || maxY === null) return null;
  return lonLatBounds([...crs.toLonLat(minX, minY), ...crs.toLonLat(maxX, maxY)]);
}
