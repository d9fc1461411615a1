import type { GeometryColumns } from "../feature_batch.ts";
import type { FeatureLayer } from "../feature_writer.ts";
import { positionsOf, ringsOf, type Range } from "../geometry_range.ts";

/** What every feature's text begins with. */
export const FEATURE_HEAD = '{"type":"Feature"';

const TYPES = {
  point: "Point",
  line: "LineString",
  multiLine: "MultiLineString",
  multiPolygon: "MultiPolygon",
} as const;

/** A geometry of RFC 7946, of the layer's kind, as text. */
export function geometryJson(geometry: GeometryColumns, kind: FeatureLayer["geometry"], parts: Range): string {
  return `{"type":"${TYPES[kind]}","coordinates":${coordinatesJson(geometry, kind, parts)}}`;
}

function coordinatesJson(geometry: GeometryColumns, kind: FeatureLayer["geometry"], parts: Range): string {
  const [ring] = ringsOf(geometry, parts[0]);
  if (kind === "point") return positionJson(geometry.coordinates, positionsOf(geometry, ring)[0]);
  if (kind === "line") return ringJson(geometry, ring);
  const part = kind === "multiLine" ? lineJson : polygonJson;
  return listJson(parts, (i) => part(geometry, ringsOf(geometry, i)));
}

const lineJson = (geometry: GeometryColumns, [ring]: Range): string => ringJson(geometry, ring);

const polygonJson = (geometry: GeometryColumns, rings: Range): string =>
  listJson(rings, (ring) => ringJson(geometry, ring));

const ringJson = (geometry: GeometryColumns, ring: number): string =>
  listJson(positionsOf(geometry, ring), (position) => positionJson(geometry.coordinates, position));

function positionJson(coordinates: Float64Array, position: number): string {
  return `[${coordinates[2 * position] as number},${coordinates[2 * position + 1] as number}]`;
}

function listJson([from, to]: Range, itemJson: (index: number) => string): string {
  let json = "[";
  for (let i = from; i < to; i++) json += (i > from ? "," : "") + itemJson(i);
  return `${json}]`;
}
