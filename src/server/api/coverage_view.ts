import type { z } from "zod";
import { TilthError, type Clock } from "../../core/index.ts";
import { rangeCount, type TileRange } from "../../grid/index.ts";
import { PRESENCE } from "../../cache/index.ts";
import type { FailedRun } from "../../seed/index.ts";
import type { ServedCache } from "../served_cache.ts";
import type { coverageShape } from "./shapes.ts";

/** Tiles that one picture may speak of: a readable answer of the store's own. */
export const MAX_COVERAGE_TILES = 1_048_576;

/** Cells along a side of the picture. */
const MAX_CELLS = 64;

/**
 * What a cache knows of a range of tiles, counted in at most 64 x 64 cells.
 * @throws `coverage.tooLarge`, `grid.level`
 */
export async function readCoverage(
  { cache }: ServedCache,
  wanted: TileRange,
  failed: readonly FailedRun[],
  clock: Clock,
): Promise<z.infer<typeof coverageShape>> {
  const range = clampRange(wanted, cache.store.grid.getMatrix(wanted.z));
  if (rangeCount(range) > MAX_COVERAGE_TILES)
    throw new TilthError(
      "coverage.tooLarge",
      `expected a range of at most ${MAX_COVERAGE_TILES} tiles, got ${rangeCount(range)}; look closer, or at a coarser level`,
    );
  const { store, maxAgeMs } = cache;
  const known = await store.readPresence(range);
  const fresh =
    maxAgeMs === undefined ? known : await store.readPresence(range, { staleBeforeMs: clock.now() - maxAgeMs });
  const cells = new CellCounts(range);
  for (let index = 0; index < known.length; index++) cells.add(index, known[index] ?? 0, fresh[index] ?? 0);
  const present = (x: number, y: number): boolean =>
    known[(y - range.minY) * (range.maxX - range.minX + 1) + x - range.minX] !== PRESENCE.missing;
  for (const run of failed) if (run.z === range.z) cells.addFailed(run, present);
  return cells.answer();
}

function clampRange(
  range: TileRange,
  { matrixWidth, matrixHeight }: { matrixWidth: number; matrixHeight: number },
): TileRange {
  const clamp = (value: number, size: number): number => Math.min(size - 1, value);
  const { z, minX, minY, maxX, maxY } = range;
  return {
    z,
    minX: clamp(minX, matrixWidth),
    minY: clamp(minY, matrixHeight),
    maxX: clamp(maxX, matrixWidth),
    maxY: clamp(maxY, matrixHeight),
  };
}

/** Counts of tiles by cell. */
class CellCounts {
  readonly #range: TileRange;
  readonly #width: number;
  readonly #step: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #counts: Record<"present" | "empty" | "stale" | "failed", number[]>;
  /** A tile may be in the lists of several jobs. */
  readonly #failed = new Set<number>();

  constructor(range: TileRange) {
    this.#range = range;
    this.#width = range.maxX - range.minX + 1;
    const height = range.maxY - range.minY + 1;
    this.#step = 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(this.#width, height) / MAX_CELLS)));
    this.#columns = Math.ceil(this.#width / this.#step);
    this.#rows = Math.ceil(height / this.#step);
    const none = (): number[] => Array.from({ length: this.#columns * this.#rows }, () => 0);
    this.#counts = { present: none(), empty: none(), stale: none(), failed: none() };
  }

  /** @param index of the tile in its range, row-major @param fresh the same with what is stale as missing */
  add(index: number, known: number, fresh: number): void {
    if (known === PRESENCE.missing) return;
    const state = fresh === PRESENCE.missing ? "stale" : known === PRESENCE.empty ? "empty" : "present";
    this.#count(state, index % this.#width, Math.floor(index / this.#width));
  }

  addFailed({ y, minX, maxX }: FailedRun, isKnown: (x: number, y: number) => boolean): void {
    const { minX: left, maxX: right, minY: top, maxY: bottom } = this.#range;
    if (y < top || y > bottom) return;
    for (let x = Math.max(minX, left); x <= Math.min(maxX, right); x++) {
      const index = (y - top) * this.#width + x - left;
      if (isKnown(x, y) || this.#failed.has(index)) continue;
      this.#failed.add(index);
      this.#count("failed", x - left, y - top);
    }
  }

  answer(): z.infer<typeof coverageShape> {
    const { z, minX, minY } = this.#range;
    return { z, step: this.#step, minX, minY, columns: this.#columns, rows: this.#rows, ...this.#counts };
  }

  #count(state: "present" | "empty" | "stale" | "failed", column: number, row: number): void {
    const cell = Math.floor(row / this.#step) * this.#columns + Math.floor(column / this.#step);
    const counts = this.#counts[state];
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
}
