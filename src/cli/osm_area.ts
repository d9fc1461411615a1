import { TilthError } from "../core/index.ts";
import { normalizeLonLatBbox } from "../geo/index.ts";
import type { WantedArea } from "../osm/index.ts";
import { readPolygons } from "./read_polygons.ts";

/** @throws `argument.invalid`, `bbox.invalid`, `coverage.invalid` */
export async function readOsmArea({ bbox, coverage }: { bbox?: number[]; coverage?: string }): Promise<WantedArea> {
  if (bbox !== undefined && coverage !== undefined)
    throw new TilthError("argument.invalid", "expected one area: either --bbox W,S,E,N or --coverage FILE.geojson");
  if (bbox !== undefined) return { boxes: normalizeLonLatBbox(bbox) };
  if (coverage === undefined) return null;
  const polygons = await readPolygons(coverage);
  for (const [lon] of polygons.flat(2)) requireOnEarth(lon, coverage);
  return { polygons };
}

/** Objects have longitudes from -180 to 180: beyond, nothing would ever be found. */
function requireOnEarth(lon: number, coverage: string): void {
  if (Math.abs(lon) <= 180) return;
  const message = `expected longitudes from -180 to 180 in ${coverage}, got ${lon}; cut the polygon at the antimeridian (RFC 7946, 3.1.9)`;
  throw new TilthError("coverage.invalid", message, { fields: { lon } });
}
