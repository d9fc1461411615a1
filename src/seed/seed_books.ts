import { isTilthError, zeroCounts, type Clock, type OutcomeCounts } from "../core/index.ts";
import type { TileSource, TileWrite } from "../cache/index.ts";
import { RateMeter, type HostProgress, type SeedProgress, type SeedReport } from "./progress.ts";

/** Codes of answers that were not a tile. */
const REJECTED_CODES: ReadonlySet<string> = new Set([
  "tile.notImage",
  "tile.truncated",
  "tile.empty",
  "source.exception",
  "http.truncated",
]);

/** The books of one seed: every tile is entered once. */
export class SeedBooks {
  readonly counts: OutcomeCounts;
  readonly failures: Record<string, number> = {};
  bytes = 0;
  state: SeedProgress["state"] = "running";
  zoom: number | null = null;
  readonly #clock: Clock;
  readonly #source: TileSource | null;
  readonly #startedMs: number;
  readonly #requestsBefore: { requests: number; retries: number };
  readonly #meter = new RateMeter();
  /** Answers that were committed; what was known before is not among them. */
  #fetched = 0;

  constructor(planned: number, source: TileSource | null, clock: Clock) {
    this.counts = zeroCounts(planned);
    this.#clock = clock;
    this.#source = source;
    this.#startedMs = clock.monotonicMs();
    this.#requestsBefore = sumRequests(source);
    this.#meter.sample(this.#startedMs, 0);
  }

  addCommitted(writes: readonly TileWrite[], sizeBytes: number): void {
    for (const write of writes) {
      if (write.kind === "empty") this.counts.empty += 1;
      else this.counts.stored += 1;
    }
    this.bytes += sizeBytes;
    this.#fetched += writes.length;
    this.#meter.sample(this.#clock.monotonicMs(), this.#fetched);
  }

  addFailed(error: unknown, count = 1): void {
    const code = isTilthError(error) ? error.code : "internal";
    this.counts.failed += count;
    this.failures[code] = (this.failures[code] ?? 0) + count;
  }

  addAttemptError(error: unknown): void {
    if (isTilthError(error) && REJECTED_CODES.has(error.code)) this.counts.rejected += 1;
  }

  /** Whatever has no outcome yet was cancelled. */
  closeAsCancelled(): void {
    const { planned, present, stored, empty, failed } = this.counts;
    this.counts.cancelled = planned - present - stored - empty - failed;
  }

  get progress(): SeedProgress {
    const now = this.#clock.monotonicMs();
    const { planned, present, stored, empty, failed, cancelled } = this.counts;
    const done = present + stored + empty + failed + cancelled;
    const perSecond = this.#meter.perSecond(now, this.#fetched);
    return {
      ...this.counts,
      ...this.#requests,
      state: this.state,
      done,
      bytes: this.bytes,
      elapsedMs: now - this.#startedMs,
      tilesPerSecond: perSecond,
      etaMs: perSecond > 0 ? ((planned - done) / perSecond) * 1000 : null,
      zoom: this.zoom,
      hosts: this.#source?.hosts.map((host) => hostProgress(host.status)) ?? [],
    };
  }

  makeReport(complete: boolean, stopped: SeedReport["stopped"]): SeedReport {
    const seconds = (this.#clock.monotonicMs() - this.#startedMs) / 1000;
    return {
      ...this.counts,
      ...this.#requests,
      bytes: this.bytes,
      seconds: Math.round(seconds * 1000) / 1000,
      tilesPerSecond: seconds > 0 ? Math.round(this.#fetched / seconds) : 0,
      complete,
      failures: { ...this.failures },
      stopped,
    };
  }

  get #requests(): { requests: number; retries: number } {
    const now = sumRequests(this.#source);
    return {
      requests: now.requests - this.#requestsBefore.requests,
      retries: now.retries - this.#requestsBefore.retries,
    };
  }
}

function hostProgress(status: HostProgress & object): HostProgress {
  const { host, breaker, concurrencyLimit, inFlight, pausedMs, lastError } = status;
  return { host, breaker, concurrencyLimit, inFlight, pausedMs, lastError };
}

/** Mirrors behind one name share a state, so each state counts once. */
function sumRequests(source: TileSource | null): { requests: number; retries: number } {
  const statuses = [...new Set(source?.hosts ?? [])].map((host) => host.status);
  return {
    requests: statuses.reduce((sum, status) => sum + status.requests, 0),
    retries: statuses.reduce((sum, status) => sum + status.retries, 0),
  };
}
