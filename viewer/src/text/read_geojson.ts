import type { GeoJson } from "../api/job_types.ts";

/** The server takes bodies of 1 MiB; some room is left for the rest of a request. */
export const MAX_GEOJSON_BYTES = 1_000_000;
/** GeoJSON nests a collection of collections as deep as it likes. */
const MAX_DEPTH = 8;

type Ring = [number, number][];

/** An area out of a GeoJSON text: whatever polygons are in it, as one MultiPolygon in degrees. @throws Error with a sentence for people */
export function readGeoJson(text: string): GeoJson {
  if (text.length > MAX_GEOJSON_BYTES)
    throw new Error(`Expected at most ${MAX_GEOJSON_BYTES / 1e6} MB of GeoJSON; simplify the area first.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error("Expected GeoJSON; this is no JSON.");
  }
  const polygons = listPolygons(json, 0);
  if (polygons.length === 0) throw new Error("Expected a polygon in the GeoJSON; there is none.");
  return { type: "MultiPolygon", coordinates: polygons };
}

/** Polygons of a GeoJSON object as rings of positions. */
export function listPolygons(json: unknown, depth = 0): Ring[][] {
  if (typeof json !== "object" || json === null || depth > MAX_DEPTH) return [];
  const { type, coordinates, geometry, geometries, features } = json as Record<string, unknown>;
  if (type === "Feature") return listPolygons(geometry, depth + 1);
  for (const list of [features, geometries])
    if (Array.isArray(list)) return list.flatMap((part) => listPolygons(part, depth + 1));
  if (type === "Polygon") return [readPolygon(coordinates)];
  return type === "MultiPolygon" && Array.isArray(coordinates) ? coordinates.map(readPolygon) : [];
}

function readPolygon(coordinates: unknown): Ring[] {
  if (!Array.isArray(coordinates)) throw new Error("Expected a polygon to have coordinates.");
  return coordinates.map((ring: unknown) => {
    if (!Array.isArray(ring) || ring.length < 4) throw new Error("Expected rings of at least four positions.");
    return ring.map(readPosition);
  });
}

function readPosition(position: unknown): [number, number] {
  const [lon, lat] = Array.isArray(position) ? (position as unknown[]) : [];
  if (typeof lon !== "number" || typeof lat !== "number" || Math.abs(lon) > 180 || Math.abs(lat) > 90)
    throw new Error(`Expected longitude and latitude in degrees, got ${JSON.stringify(position)?.slice(0, 60)}.`);
  return [lon, lat];
}
