import type { Coverage } from "../api/types.ts";

/** How a cell is drawn. `partial`: some of its tiles are there, none failed or grew old. */
export type CellState = "present" | "partial" | "empty" | "stale" | "failed" | "missing";

export const CELL_STATES: readonly CellState[] = ["present", "partial", "empty", "stale", "failed", "missing"];

/** In the legend and for screen readers; the letter stands in cells that are large enough. */
export const STATE_NAMES: Record<CellState, { name: string; letter: string; meaning: string }> = {
  present: { name: "Present", letter: "P", meaning: "all tiles are there" },
  partial: { name: "Partly", letter: "½", meaning: "some tiles are there" },
  empty: { name: "Known empty", letter: "E", meaning: "the source has nothing there" },
  stale: { name: "Stale", letter: "S", meaning: "older than allowed" },
  failed: { name: "Failed", letter: "F", meaning: "could not be fetched" },
  missing: { name: "Missing", letter: "–", meaning: "never fetched" },
};

/** Coverage of the tiles up to column `maxX` and row `maxY`, inclusive: the last cells may hold fewer than `step` x `step`. */
export interface CoverageView extends Coverage {
  maxX: number;
  maxY: number;
}

/** Tiles that cell `index` stands for. */
export function tilesInCell({ step, minX, minY, maxX, maxY, columns }: CoverageView, index: number): number {
  const width = Math.min(step, maxX - minX - (index % columns) * step + 1);
  const height = Math.min(step, maxY - minY - Math.floor(index / columns) * step + 1);
  return width * height;
}

export function stateOfCell(coverage: CoverageView, index: number): CellState {
  const [present = 0, empty = 0] = [coverage.present[index], coverage.empty[index]];
  const [stale = 0, failed = 0] = [coverage.stale[index], coverage.failed[index]];
  // What needs an eye comes first: one failed tile must not vanish in a cell of thousands.
  if (failed > 0) return "failed";
  if (stale > 0) return "stale";
  if (present + empty === 0) return "missing";
  if (present + empty < tilesInCell(coverage, index)) return "partial";
  return present === 0 ? "empty" : "present";
}

export interface CoverageTotals {
  present: number;
  empty: number;
  stale: number;
  failed: number;
  missing: number;
}

/** Tiles by state over all cells; `missing` are those that no state names. */
export function sumCoverage(coverage: CoverageView): CoverageTotals {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const known = { present: sum(coverage.present), empty: sum(coverage.empty), stale: sum(coverage.stale) };
  const failed = sum(coverage.failed);
  const all = (coverage.maxX - coverage.minX + 1) * (coverage.maxY - coverage.minY + 1);
  return { ...known, failed, missing: all - known.present - known.empty - known.stale - failed };
}
