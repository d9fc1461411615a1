import { Semaphore } from "../concurrency/index.ts";
import { isCancelled, systemClock, throwIfAborted, TilthError, whenAborted, type Clock } from "../core/index.ts";
import { tileToText, type TileCoord } from "../grid/index.ts";
import type { WarpedTile, Warper, WarpPlan, WarpPlanner } from "../reproject/index.ts";
import type { FetchTilesOptions, SettledTile, SourceTile, TileRequest, TileSource } from "../source/index.ts";
import { SharedFetch } from "./shared_fetch.ts";
import { SourceFlights } from "./source_flights.ts";
import type { SizedCache, ShelvedTile } from "./tile_shelf.ts";

/** What is kept between runs of one source. */
export interface WarpTools {
  source: TileSource;
  planner: WarpPlanner;
  warper: Warper;
  /** Encoded source tiles. */
  shelf: SizedCache<ShelvedTile>;
  /** Source tiles on their way, shared by the runs. @default a run shares with nobody */
  flights?: SourceFlights;
  /** Source tiles on the shelf that are older are asked for again. @default never */
  maxAgeMs?: number;
  /** Tells the age. @default the system's */
  clock?: Clock;
}

/** Plans under way: some wait for source tiles, some are decoded and warped, some are handed to the store. */
const MAX_PLANS = 8;

interface Job {
  readonly plan: WarpPlan;
  readonly requests: readonly TileRequest[];
  readonly tiles: (ShelvedTile | null)[];
  missing: number;
  readonly release: () => void;
  readonly ended: PromiseWithResolvers<void>;
}

/**
 * Makes destination tiles: plan -> fetch each source tile once -> decode once -> warp on threads -> settle. A plan begins when its last
 * source tile has come; what neighbours share is kept on the shelf. Memory follows `MAX_PLANS` and the caches, never the number of tiles.
 */
export class WarpRun {
  readonly #id = Symbol("run");
  readonly #tools: WarpTools;
  readonly #options: FetchTilesOptions;
  readonly #places = new Semaphore(MAX_PLANS);
  readonly #abort = new AbortController();
  readonly #fetch: SharedFetch;
  readonly #clock: Clock;
  /** Ends of the jobs that have begun: some wait for source tiles, which may be on their way for another run. */
  readonly #working = new Set<Promise<void>>();
  readonly #fatal = Promise.withResolvers<never>();
  /** What has been taken from the caller's batch and not planned yet. */
  #rest: Iterator<readonly TileRequest[]> | null = null;
  /** Plans of the metatile at hand that have not begun. */
  #planned: ArrayIterator<[WarpPlan, readonly TileRequest[]]> = [].values();

  constructor(tools: WarpTools, options: FetchTilesOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#fetch = new SharedFetch(tools.source, tools.flights ?? new SourceFlights(), options.priority);
    this.#clock = tools.clock ?? systemClock;
    this.#fatal.promise.catch(() => undefined);
  }

  /** @throws CancelledError; whatever `settle` or `batches` throw */
  async run(): Promise<"done" | "dead"> {
    const { signal, retry, clock, random, onRetry } = this.#options;
    throwIfAborted(signal);
    const stopListening = whenAborted(signal, (error) => this.#end(error));
    try {
      const fetching = this.#fetch.fetch({
        batches: this.#listSourceTiles(AbortSignal.any([signal, this.#abort.signal])),
        settle: (request, settled) => this.#arrive(request.tile, settled),
        onRetry: (request, error) => {
          if (!this.#abort.signal.aborted) onRetry?.(request, error);
        },
        retry,
        clock,
        random,
      });
      // Others may wait for what this run had to fetch.
      fetching.catch((error: unknown) => this.#fetch.fail(this.#toShelved({ error, attempts: 0 })));
      const how = await Promise.race([fetching, this.#fatal.promise]);
      if (how === "dead") await this.#failRest();
      while (this.#working.size > 0) await Promise.race([Promise.all(this.#working), this.#fatal.promise]);
      return how;
    } finally {
      stopListening();
      this.#abort.abort();
      this.#fetch.leave();
    }
  }

  /** Ends the run with an error. What others wait for is still fetched, so the list of tiles ends instead of throwing. */
  #end(error: unknown): void {
    this.#fatal.reject(error);
    this.#abort.abort(error);
    this.#fetch.leave();
  }

  /** Batches of source tiles that are not at hand, plan by plan. */
  async *#listSourceTiles(signal: AbortSignal): AsyncGenerator<Iterable<TileRequest>> {
    try {
      yield* this.#planSourceTiles(signal);
    } catch (error) {
      this.#end(error);
    }
  }

  async *#planSourceTiles(signal: AbortSignal): AsyncGenerator<Iterable<TileRequest>> {
    const { batches } = this.#options;
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      this.#rest = groupByMetatile(next.value, this.#tools.planner).values();
      for (let group = this.#rest.next(); group.done !== true; group = this.#rest.next()) {
        this.#planned = (await this.#plan(group.value)).values();
        for (const [plan, requests] of this.#planned) {
          const release = await this.#places.acquire({ signal });
          throwIfAborted(signal);
          const ended = Promise.withResolvers<void>();
          const wanted = this.#begin({ plan, requests, tiles: [], missing: 0, release, ended }, signal);
          if (wanted.length > 0) yield wanted.values().filter(({ tile }) => this.#fetch.owns(tileToText(tile)));
        }
      }
      this.#rest = null;
    }
  }

  /** Plans of one metatile; a tile that cannot be planned is settled with the reason. */
  async #plan(requests: readonly TileRequest[]): Promise<[WarpPlan, readonly TileRequest[]][]> {
    const { planner } = this.#tools;
    try {
      const plans = planner.plan(requests.map(({ tile }) => tile));
      const byTile = new Map(requests.map((request) => [tileToText(request.tile), request]));
      return plans.map((plan) => [plan, plan.tiles.map(({ tile }) => byTile.get(tileToText(tile)) ?? { tile })]);
    } catch (error) {
      if (requests.length > 1) {
        const single: [WarpPlan, readonly TileRequest[]][] = [];
        for (const request of requests) single.push(...(await this.#plan([request])));
        return single;
      }
      for (const request of requests) await this.#settle(request, { error, attempts: 1 });
      return [];
    }
  }

  /** Enters a job; returns what must be fetched for it. */
  #begin(job: Job, signal: AbortSignal): TileRequest[] {
    const wanted: TileRequest[] = [];
    this.#working.add(job.ended.promise);
    job.plan.sources.forEach((tile, index) => {
      const key = tileToText(tile);
      const known = this.#findShelved(key);
      job.tiles[index] = known;
      if (known !== null) return;
      job.missing += 1;
      if (this.#fetch.join(key, (come) => this.#take(job, index, come))) wanted.push({ tile });
    });
    if (job.missing === 0) this.#work(job, signal);
    return wanted;
  }

  /** What failed in a run before is worth asking for again, and so is what is too old (or from the future: a clock that was set back). */
  #findShelved(key: string): ShelvedTile | null {
    const { shelf, maxAgeMs = Infinity } = this.#tools;
    const known = shelf.find(key);
    if (known === null || (known.kind === "failed" && known.run !== this.#id)) return null;
    const ageMs = this.#clock.now() - known.atMs;
    if (maxAgeMs === Infinity || (ageMs >= 0 && ageMs <= maxAgeMs)) return known;
    shelf.delete(key);
    return null;
  }

  #arrive(tile: TileCoord, settled: SettledTile): void {
    const key = tileToText(tile);
    if (!this.#fetch.owns(key)) return;
    const shelved = this.#toShelved(settled);
    this.#tools.shelf.put(key, shelved, shelved.kind === "tile" ? shelved.data.byteLength : 0);
    this.#fetch.arrive(key, shelved);
  }

  #take(job: Job, index: number, tile: ShelvedTile): void {
    job.tiles[index] = tile;
    job.missing -= 1;
    if (job.missing === 0) this.#work(job, this.#abort.signal);
  }

  #toShelved(settled: SettledTile): ShelvedTile {
    const known = { atMs: this.#clock.now(), attempts: settled.attempts };
    if ("error" in settled) return { kind: "failed", error: settled.error, run: this.#id, ...known };
    const { result } = settled;
    return result.kind === "tile" ? { kind: "tile", data: result.data, ...known } : { kind: "empty", ...known };
  }

  #work(job: Job, signal: AbortSignal): void {
    const working = this.#finish(job, AbortSignal.any([signal, this.#options.signal])).then(
      () => undefined,
      (error: unknown) => this.#fail(error),
    );
    void working.then(() => {
      this.#working.delete(job.ended.promise);
      job.ended.resolve();
      job.release();
    });
  }

  #fail(error: unknown): void {
    // A cancel tells of itself.
    if (!isCancelled(error)) this.#end(error);
  }

  /** Decodes, warps and settles every tile of a job. A tile whose source could not be fetched fails with that reason. */
  async #finish({ plan, requests, tiles }: Job, signal: AbortSignal): Promise<void> {
    const bytes = tiles.map((tile) => (tile?.kind === "tile" ? tile.data : null));
    const made = await this.#warp(plan, bytes, signal);
    for (const [index, { sources }] of plan.tiles.entries()) {
      const request = requests[index] as TileRequest;
      const attempts = mostAttempts(sources.map((source) => tiles[source] ?? null));
      const lost = sources.find((source) => tiles[source]?.kind === "failed");
      const shelved = lost === undefined ? null : tiles[lost];
      if (shelved?.kind === "failed") {
        await this.#settle(request, {
          error: describeFailure(plan.sources[lost as number], shelved.error),
          attempts,
        });
      } else await this.#settle(request, { ...toOutcome(made[index] ?? null), attempts });
    }
  }

  /** Whatever goes wrong with a call is told of each of its tiles, and the others go on. */
  async #warp(
    plan: WarpPlan,
    bytes: readonly (Uint8Array | null)[],
    signal: AbortSignal,
  ): Promise<readonly WarpedTile[]> {
    try {
      return await this.#tools.warper.warp(plan, bytes, { signal });
    } catch (error) {
      if (!(error instanceof TilthError) || isCancelled(error)) throw error;
      return plan.tiles.map(() => error);
    }
  }

  async #settle(request: TileRequest, settled: SettledTile): Promise<void> {
    if (this.#abort.signal.aborted || this.#options.signal.aborted) return;
    const pending = this.#options.settle(request, settled);
    if (pending !== undefined) await pending;
  }

  /** The hosts were given up: what was taken from the caller's batch is settled with the reason; batches not yet taken stay. */
  async #failRest(): Promise<void> {
    const names = this.#tools.source.hosts.map(({ host }) => host).join(", ");
    const error = new TilthError("http.breakerOpen", `${names} does not answer; not asked`);
    for (const [, requests] of this.#planned)
      for (const request of requests) await this.#settle(request, { error, attempts: 0 });
    for (let group = this.#rest?.next(); group !== undefined && group.done !== true; group = this.#rest?.next())
      for (const request of group.value) await this.#settle(request, { error, attempts: 0 });
  }
}

/** Of the source tile that took the most; null when there is none. */
function mostAttempts(tiles: readonly (ShelvedTile | null)[]): number | null {
  let most: number | null = null;
  for (const tile of tiles) {
    const attempts = tile?.attempts ?? null;
    if (attempts !== null) most = Math.max(most ?? 0, attempts);
  }
  return most;
}

function toOutcome(made: WarpedTile): { error: unknown } | { result: SourceTile } {
  if (made === null) return { result: { kind: "empty" } };
  if (made instanceof TilthError) return { error: made };
  return { result: { kind: "tile", ...made, etag: null, lastModified: null } };
}

/** The source's own code, with the tile that it is about. */
function describeFailure(tile: TileCoord | undefined, error: unknown): unknown {
  if (!(error instanceof TilthError) || tile === undefined) return error;
  return new TilthError(error.code, `source tile ${tileToText(tile)}: ${error.message}`, {
    cause: error,
    fields: { ...error.fields, sourceTile: tile },
  });
}

/** Requests of one metatile together, metatiles in the order in which they first appear. */
function groupByMetatile(requests: Iterable<TileRequest>, planner: WarpPlanner): Map<string, TileRequest[]> {
  const groups = new Map<string, TileRequest[]>();
  for (const request of requests) {
    const key = tileToText(planner.metatileOf(request.tile));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [request]);
    else group.push(request);
  }
  return groups;
}
