import type { GeometryColumns } from "./feature_batch.ts";

/** minX, minY, maxX, maxY. */
export type Envelope = Float64Array<ArrayBuffer>;

/** From one index up to another, which is not within. */
export type Range = readonly [from: number, to: number];

export function partsOf({ partEnds }: GeometryColumns, feature: number): Range {
  return [feature === 0 ? 0 : (partEnds[feature - 1] as number), partEnds[feature] as number];
}

export function ringsOf({ ringEnds }: GeometryColumns, part: number): Range {
  return [part === 0 ? 0 : (ringEnds[part - 1] as number), ringEnds[part] as number];
}

export function positionsOf({ positionEnds }: GeometryColumns, ring: number): Range {
  return [ring === 0 ? 0 : (positionEnds[ring - 1] as number), positionEnds[ring] as number];
}

/** All rings of some parts, all positions of some rings; nothing of nothing. */
export function ringsWithin(geometry: GeometryColumns, [from, to]: Range): Range {
  return from === to ? [0, 0] : [ringsOf(geometry, from)[0], geometry.ringEnds[to - 1] as number];
}

export function positionsWithin(geometry: GeometryColumns, [from, to]: Range): Range {
  return from === to ? [0, 0] : [positionsOf(geometry, from)[0], geometry.positionEnds[to - 1] as number];
}

/** The box around a feature. False when it has no position, or one that is no place. */
export function measureFeature(geometry: GeometryColumns, feature: number, envelope: Envelope): boolean {
  const rings = ringsWithin(geometry, partsOf(geometry, feature));
  return measureEnvelope(geometry.coordinates, positionsWithin(geometry, rings), envelope);
}

/** False when there is no position, or one that is no place: it has no image in the file's system. */
export function measureEnvelope(coordinates: Float64Array, [from, to]: Range, envelope: Envelope): boolean {
  let minX = Infinity;
  let minY = Infinity;
  let maxX = -Infinity;
  let maxY = -Infinity;
  for (let i = 2 * from; i < 2 * to; i += 2) {
    const x = coordinates[i] as number;
    const y = coordinates[i + 1] as number;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
    if (!Number.isFinite(x + y)) return false;
  }
  envelope[0] = minX;
  envelope[1] = minY;
  envelope[2] = maxX;
  envelope[3] = maxY;
  return from < to;
}
