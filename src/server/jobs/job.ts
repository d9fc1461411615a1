import type { LonLatBbox } from "../../geo/index.ts";
import type { FailedRun, SeedEstimate, SeedProgress, SeedReport } from "../../seed/index.ts";
import type { TileCache } from "../../cache/index.ts";
import type { Coverage, TilePlan } from "../../grid/index.ts";
import type { SeedTask } from "../../seed/index.ts";

/** What a user asks for: the words of the command line in camelCase. Checked by a schema before it comes here. */
export interface JobRequest {
  /** A URL template, a name of the catalogue, a service's description. Secrets stand in it as names (`{key}`), never as values. */
  readonly source: string;
  readonly bbox?: LonLatBbox;
  /** Instead of `bbox`. */
  readonly coverage?: Coverage;
  /** Ascending. */
  readonly zooms: readonly number[];
  /** Name or EPSG code; the source's own when absent. */
  readonly grid?: string;
  /** File within the data folder, with its ending: `alps.gpkg`. */
  readonly store: string;
  readonly layer?: string;
  readonly style?: string;
  readonly matrixSet?: string;
  readonly resampling?: string;
  readonly format?: string;
  readonly quality?: number;
  /** Further attempts for each tile. */
  readonly retries?: number;
  /** Tiles older than this are fetched again, ms. */
  readonly refreshAgeMs?: number;
}

/**
 * `queued`: waits for its turn; `running`; `paused`: by its user, or after a restart; `done`: every tile is there; `incomplete`: ended, some tiles failed;
 * `failed`: could not go on (see `error`); `cancelled`.
 */
export type JobState = "queued" | "running" | "paused" | "done" | "incomplete" | "failed" | "cancelled";

/** A job as it is shown. All times UTC, ms. */
export interface JobView {
  readonly id: string;
  readonly request: JobRequest;
  readonly state: JobState;
  readonly createdAtMs: number;
  /** When it was last started; null before. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Tiles that are planned, once they are counted. */
  readonly planned: number | null;
  /** While it runs. */
  readonly progress: SeedProgress | null;
  /** Of the last run that came to an end, paused ones included. */
  readonly report: SeedReport | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A job made ready: its tiles are counted, its store is open. */
export interface OpenedJob extends AsyncDisposable {
  readonly cache: TileCache;
  readonly plan: TilePlan;
  readonly task: SeedTask | null;
}

/** Opens what a request names. `failed`: only the tiles of this list. @throws `source.*`, `store.*`, `coverage.invalid`, `grid.*` */
export type OpenJob = (
  request: JobRequest,
  options: { signal: AbortSignal; failed: string | null },
) => Promise<OpenedJob>;

/** Something that changed; `id` counts up by one within the life of a data folder, so that a watcher can go on where it left. */
export interface JobEvent {
  readonly id: number;
  readonly job: JobView;
  /** True for the last word on a job: it was removed, or forgotten to make room. */
  readonly removed: boolean;
}

export type { FailedRun, SeedEstimate };
