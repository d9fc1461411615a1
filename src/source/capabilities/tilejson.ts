import { webMercatorQuad, type TileMatrixSet } from "../../grid/index.ts";
import { parseTileJson } from "../tilejson_source.ts";
import { asText, objectsOf, parseJsonObject } from "./json_values.ts";
import { makeDescription, makeLayer, type ServiceDescription, type ServiceMatrixSet } from "./service_description.ts";

/** A TileJSON (2 or 3) as a description: one layer in the web mercator quad, with the zooms it names. @throws `source.invalid` */
export function describeTileJson(text: string, base: string): ServiceDescription {
  const known = parseTileJson(text, base);
  const json = parseJsonObject(text);
  const vectors = objectsOf(json["vector_layers"]).map(({ id }) => asText(id));
  const set = gridMatrixSet(webMercatorQuad(), known.minZoom, known.maxZoom);
  const format = vectors.length > 0 ? "application/vnd.mapbox-vector-tile" : asText(json["format"]);
  const layer = makeLayer({
    name: known.title || "tiles",
    title: known.title,
    abstract: asText(json["description"]),
    formats: format === "" ? [] : [format],
    bounds: known.bounds,
    matrixSets: [{ id: set.id, limits: null, link: null }],
    templates: known.tiles.map((url) => ({
      format,
      template: known.tms ? url.replaceAll("{y}", "{-y}") : url,
      matrixSet: null,
      matrix: null,
    })),
    attribution: known.attribution,
  });
  return makeDescription({
    kind: "tilejson",
    title: known.title,
    abstract: layer.abstract,
    version: asText(json["tilejson"]),
    attribution: known.attribution,
    layers: [layer],
    matrixSets: [set],
    skipped:
      vectors.length > 0
        ? [{ what: "vector layers", reason: `kept together in each tile: ${vectors.slice(0, 50).join(", ")}` }]
        : [],
  });
}

/** A grid of our own as a service would describe it. */
export function gridMatrixSet(grid: TileMatrixSet, minZoom = 0, maxZoom = grid.maxZ): ServiceMatrixSet {
  const matrices = grid.matrices.slice(minZoom, maxZoom + 1).map(({ pointOfOrigin, ...matrix }) => ({
    ...matrix,
    corner: pointOfOrigin,
    cornerOrder: "xy" as const,
    cornerOfOrigin: "topLeft" as const,
  }));
  return { id: grid.id, title: grid.title, crs: grid.crs.code, matrices, problem: null, link: null };
}
