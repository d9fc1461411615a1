/** Codes of `kinds` in a batch, those of well-known binary (OGC 06-103r4, table 7). */
export const GEOMETRY_KINDS = { point: 1, line: 2, polygon: 3, multiPoint: 4, multiLine: 5, multiPolygon: 6 } as const;
export type GeometryKind = keyof typeof GEOMETRY_KINDS;

/**
 * Geometries as columns. Feature `i` has the parts up to `partEnds[i]`, part `p` the rings up to `ringEnds[p]`, ring `r` the positions
 * up to `positionEnds[r]`; each begins where the one before ends. A point is one part with one ring with one position, a line
 * one part with one ring; a part of a polygon has its outer ring first. Rings are closed: the last position repeats the first. Outer
 * rings go counterclockwise, holes clockwise.
 */
export interface GeometryColumns {
  /** `GEOMETRY_KINDS` of each feature. */
  readonly kinds: Uint8Array<ArrayBuffer>;
  readonly partEnds: Uint32Array<ArrayBuffer>;
  readonly ringEnds: Uint32Array<ArrayBuffer>;
  readonly positionEnds: Uint32Array<ArrayBuffer>;
  /** x0, y0, x1, y1 ...: lon/lat degrees, unless the writer was told another system (`batchCrs`). */
  readonly coordinates: Float64Array<ArrayBuffer>;
}

/** Some thousands of features, of any of a writer's layers, as columns: crosses thread borders without a copy (`batchBuffers`). */
export interface FeatureBatch {
  readonly count: number;
  /** Index into the writer's layers, of each feature. */
  readonly layers: Uint16Array<ArrayBuffer>;
  readonly geometry: GeometryColumns;
  /** Texts that tags and text columns point into. */
  readonly strings: readonly string[];
  /** Tags of feature `i` are the pairs of `tags` up to `tagEnds[i]`: key, value, key, value ... */
  readonly tagEnds: Uint32Array<ArrayBuffer>;
  readonly tags: Uint32Array<ArrayBuffer>;
  /**
   * Values of the layers' columns by name, one for each feature: a number, or the index of a text; NaN is null. A column that no feature
   * of the batch has a value for may be left out.
   */
  readonly columns: Readonly<Record<string, Float64Array<ArrayBuffer>>>;
}

/** To hand a batch over to another thread. */
export function batchBuffers({ layers, geometry, tagEnds, tags, columns }: FeatureBatch): ArrayBuffer[] {
  const { kinds, partEnds, ringEnds, positionEnds, coordinates } = geometry;
  const all = [layers, kinds, partEnds, ringEnds, positionEnds, coordinates, tagEnds, tags, ...Object.values(columns)];
  return [...new Set(all.map(({ buffer }) => buffer))];
}
