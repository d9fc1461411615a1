import type { LonLatBox } from "../api/types.ts";

/** The box around places, within the world. */
export function boxOf(places: readonly (readonly [number, number])[]): LonLatBox {
  const known = places.filter(([lon, lat]) => Number.isFinite(lon) && Number.isFinite(lat));
  const [lons, lats] = [known.map(([lon]) => lon), known.map(([, lat]) => lat)];
  const clamp = (value: number, limit: number): number => roundDegrees(Math.max(-limit, Math.min(limit, value)));
  return [
    clamp(Math.min(...lons), 180),
    clamp(Math.min(...lats), 90),
    clamp(Math.max(...lons), 180),
    clamp(Math.max(...lats), 90),
  ];
}

/** To 0.1 m. */
export function roundDegrees(value: number): number {
  return Number(value.toFixed(6));
}
