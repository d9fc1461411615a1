import type { LonLatBbox } from "../../geo/index.ts";

/** Lon/lat degrees as a box; null unless four finite numbers on the Earth with some area (west > east: across the antimeridian). */
export function lonLatBounds(values: readonly (number | null)[]): LonLatBbox | null {
  const [west, south, east, north] = values;
  if (typeof west !== "number" || typeof south !== "number" || typeof east !== "number" || typeof north !== "number")
    return null;
  if (![west, south, east, north].every(Number.isFinite)) return null;
  // Rounded bounds of the world: -180.0001.
  const near = (value: number, limit: number): boolean => Math.abs(value) <= limit * 1.001;
  if (!near(west, 180) || !near(east, 180) || !near(south, 90) || !near(north, 90)) return null;
  if (south >= north || west === east) return null;
  return [clamp(west, 180), clamp(south, 90), clamp(east, 180), clamp(north, 90)];
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
