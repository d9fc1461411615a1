import type { Crs } from "../../crs/index.ts";
import { bboxIntersection, type Bbox, type LonLatBbox } from "../../geo/index.ts";

/** Two extents: what a corner means by the rule of the authority, and with its numbers the other way round. */
export interface Readings {
  readonly authority: Bbox;
  readonly swapped: Bbox;
}

/** An extent fits a target when it shares this much of the smaller of the two. */
const FITS = 0.5;

/**
 * Which reading of a corner is meant. The authority's order counts (OGC 07-057r7, 6.1) unless its extent does not fit while the swapped one
 * does: first against the area of use of the CRS, then against the box of the layers. null when both readings lie wholly beside both: one
 * alone does not tell, for services use systems outside of their area (UTM zone 28 of ETRS89 on the Canary Islands).
 * @param bounds lon/lat box of the layers; null when not said
 */
export function chooseReading(crs: Crs, readings: Readings, bounds: LonLatBbox | null): keyof Readings | null {
  const places = bounds === null ? [crs.areaOfUse] : [crs.areaOfUse, bounds];
  const targets = places.map((place) => projectedBox(crs, place)).filter((target) => target !== null);
  for (const target of targets) {
    if (shareOf(readings.authority, target) >= FITS) return "authority";
    if (shareOf(readings.swapped, target) >= FITS) return "swapped";
  }
  const { authority, swapped } = readings;
  const beside = targets.every((target) => shareOf(authority, target) === 0 && shareOf(swapped, target) === 0);
  return targets.length === 2 && beside ? null : "authority";
}

function shareOf(extent: Bbox, target: Bbox): number {
  const common = bboxIntersection(extent, target);
  return common === null ? 0 : areaOf(common) / Math.min(areaOf(extent), areaOf(target));
}

const areaOf = ([minX, minY, maxX, maxY]: Bbox): number => (maxX - minX) * (maxY - minY);

/** Points along each axis of a box that are changed to find its image. */
const SAMPLES = 9;

/** Box in CRS units around a lon/lat box; null across the antimeridian or where the system has no image of it. */
function projectedBox(crs: Crs, [west, south, east, north]: LonLatBbox): Bbox | null {
  if (west >= east) return null;
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const lon = west + ((east - west) * (i % SAMPLES)) / (SAMPLES - 1);
    const lat = south + ((north - south) * Math.floor(i / SAMPLES)) / (SAMPLES - 1);
    const [x, y] = crs.fromLonLat(lon, lat);
    if (Number.isFinite(x) && Number.isFinite(y)) {
      xs.push(x);
      ys.push(y);
    }
  }
  return xs.length === 0 ? null : [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
