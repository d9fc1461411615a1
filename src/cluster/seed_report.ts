import type { SeedReport } from "../seed/index.ts";
import type { SeedState, SeedStatus } from "./book/cluster_book.ts";

/** A seed of the cluster in the words of every report; `planned = present + stored + empty + failed + cancelled + open`. */
export interface ClusterReport extends Omit<SeedReport, "stopped"> {
  readonly id: string;
  readonly state: SeedState;
  /** Tiles without an outcome yet. */
  readonly open: number;
  /** null while it cannot be told. */
  readonly etaSeconds: number | null;
}

/** Workers that were heard of within this time count for the rate. */
const ALIVE_MS = 15_000;

export function clusterReport(status: SeedStatus): ClusterReport {
  const { id, state, planned, counts, failures, workers, elapsedMs } = status;
  const { present, stored, empty, failed } = counts;
  const rest = planned - present - stored - empty - failed;
  const isOver = state === "ended" || state === "cancelled";
  const open = isOver ? 0 : rest;
  const seconds = elapsedMs / 1000;
  const alive = workers.filter(({ silentMs }) => silentMs < ALIVE_MS);
  const rate = alive.reduce((sum, { tilesPerSecond }) => sum + tilesPerSecond, 0);
  return {
    id,
    state,
    planned,
    ...counts,
    cancelled: isOver ? rest : 0,
    open,
    seconds,
    tilesPerSecond: Math.round(isOver ? (stored + empty) / Math.max(0.001, seconds) : rate),
    complete: state === "ended" && failed === 0 && rest === 0,
    failures: { ...failures },
    etaSeconds: state === "running" && rate > 0 ? Math.round(open / rate) : null,
  };
}
