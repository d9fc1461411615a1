import type { TileRange } from "./tile.ts";

/** Inclusive run of columns in one row. */
export type Span = readonly [minX: number, maxX: number];

/** A coverage on a grid: which tiles share area with it. Nothing is listed; every answer is computed from the geometry. */
export interface GridCoverage {
  /** Disjoint rectangles around the tiles of a level, top to bottom; empty when the coverage has none there. */
  listRanges(z: number): readonly TileRange[];
  /** Number of tiles on a level. */
  count(z: number): number;
  /** Runs of tiles in one row within columns minX..maxX, ascending and disjoint; null = the whole run (a box needs no list). */
  listSpans(z: number, y: number, minX: number, maxX: number): readonly Span[] | null;
}
