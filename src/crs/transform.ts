import type { Crs } from "./crs_type.ts";

/** From one system to another, for many points at once. */
export interface CrsTransform {
  readonly from: Crs;
  readonly to: Crs;
  /** Expected accuracy, metres; null when nobody says. */
  readonly accuracyM: number | null;
  /**
   * Changes `[x0, y0, x1, y1, ...]` in place, x always the easting or longitude. A point that has no image becomes NaN, NaN.
   * @param count points, from the beginning; all unless said
   * @returns how many points have no image
   */
  apply(coords: Float64Array, count?: number): number;
}

/** @throws `crs.unsupported` when there is no way from one to the other */
export function createTransform(from: Crs, to: Crs): CrsTransform {
  const accuracyM = from.accuracyM === null || to.accuracyM === null ? null : from.accuracyM + to.accuracyM;
  return { from, to, accuracyM, apply: (coords, count = coords.length / 2) => applyByLonLat(from, to, coords, count) };
}

function applyByLonLat(from: Crs, to: Crs, coords: Float64Array, count: number): number {
  let lost = 0;
  for (let i = 0; i < count * 2; i += 2) {
    const [lon, lat] = from.toLonLat(coords[i] as number, coords[i + 1] as number);
    const [x, y] = to.fromLonLat(lon, lat);
    const whole = Number.isFinite(x) && Number.isFinite(y);
    coords[i] = whole ? x : Number.NaN;
    coords[i + 1] = whole ? y : Number.NaN;
    if (!whole) lost++;
  }
  return lost;
}
