import { TilthError } from "../core/index.ts";
import type { LonLatBbox } from "./bbox.ts";

export type Position = readonly [lon: number, lat: number];
/** Closed or open list of positions; the last need not repeat the first. */
export type Ring = readonly Position[];
/** Outer ring first, then holes. */
export type Polygon = readonly Ring[];

/** Vertices of one coverage at the most; 5 million take about 400 MB while it is read. */
const MAX_VERTICES = 5_000_000;

/** Depth of nested collections. */
const MAX_DEPTH = 8;

/**
 * Every polygon of a GeoJSON text (RFC 7946: lon/lat degrees): Polygon, MultiPolygon, Feature, FeatureCollection,
 * GeometryCollection. Other geometry types are refused, because an area is wanted.
 * @throws `coverage.invalid`
 */
export function parseGeoJsonPolygons(text: string): Polygon[] {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new TilthError("coverage.invalid", "expected a GeoJSON file, got text that is not JSON", { cause });
  }
  const polygons: Polygon[] = [];
  collect(document, polygons, 0);
  if (polygons.length === 0) throw invalid("expected at least one polygon, got none");
  const vertices = polygons.reduce((sum, polygon) => sum + polygon.reduce((count, ring) => count + ring.length, 0), 0);
  if (vertices > MAX_VERTICES)
    throw invalid(`expected at most ${MAX_VERTICES} vertices, got ${vertices}; simplify the polygon`);
  return polygons;
}

interface GeoJsonObject {
  type?: unknown;
  coordinates?: unknown;
  geometry?: unknown;
  features?: unknown;
  geometries?: unknown;
}

function collect(value: unknown, into: Polygon[], depth: number): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) throw invalid("expected a GeoJSON object");
  const object = value as GeoJsonObject;
  switch (object.type) {
    case "FeatureCollection":
      return asArray(object.features, "features").forEach((feature) => collect(feature, into, depth + 1));
    case "GeometryCollection":
      return asArray(object.geometries, "geometries").forEach((geometry) => collect(geometry, into, depth + 1));
    case "Feature":
      return object.geometry === null ? undefined : collect(object.geometry, into, depth + 1);
    case "Polygon":
      into.push(readPolygon(object.coordinates));
      return;
    case "MultiPolygon":
      asArray(object.coordinates, "coordinates").forEach((polygon) => into.push(readPolygon(polygon)));
      return;
    default:
      throw invalid(`expected polygons, got ${shown(object.type)}`);
  }
}

function readPolygon(value: unknown): Polygon {
  const rings = asArray(value, "polygon").map(readRing);
  if (rings.length === 0) throw invalid("a polygon has no ring");
  return rings;
}

function readRing(value: unknown): Ring {
  const ring = asArray(value, "ring").map(readPosition);
  if (ring.length < 3) throw invalid(`expected a ring of at least 4 positions, got ${ring.length}`);
  return ring;
}

function readPosition(value: unknown): Position {
  const [lon, lat] = asArray(value, "position");
  const valid = typeof lon === "number" && typeof lat === "number" && Math.abs(lon) <= 540 && Math.abs(lat) <= 90;
  if (valid) return [lon, lat];
  throw invalid(
    `expected a position [lon, lat] in degrees, got [${shown(lon)}, ${shown(lat)}]; GeoJSON is always WGS 84`,
  );
}

/** A word or a number as it is; of anything else only its kind: as text a nested list has no end, and an object may not have one. */
function shown(value: unknown): string {
  if (typeof value === "string") return `'${value.slice(0, 40)}'`;
  return typeof value === "number" ? String(value) : `(${value === null ? "null" : typeof value})`;
}

function asArray(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`expected '${what}' to be a list`);
}

function invalid(message: string): TilthError {
  return new TilthError("coverage.invalid", message);
}

/** Lon/lat box around a polygon: around its outer ring. */
export function polygonBounds([outer = []]: Polygon): LonLatBbox {
  // A loop: a ring may have more corners than a call has arguments.
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of outer) {
    [west, east] = [Math.min(west, lon), Math.max(east, lon)];
    [south, north] = [Math.min(south, lat), Math.max(north, lat)];
  }
  return [west, south, east, north];
}
