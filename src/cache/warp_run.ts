import { Semaphore } from "../concurrency/index.ts";
import { isCancelled, TilthError, whenAborted } from "../core/index.ts";
import { tileToText, type TileCoord } from "../grid/index.ts";
import type { WarpedTile, Warper, WarpPlan, WarpPlanner } from "../reproject/index.ts";
import {
  fetchTiles,
  type FetchTilesOptions,
  type SettledTile,
  type TileRequest,
  type TileSource,
} from "../source/index.ts";
import type { SizedCache, ShelvedTile } from "./tile_shelf.ts";

/** What is kept between runs of one source. */
export interface WarpTools {
  source: TileSource;
  planner: WarpPlanner;
  warper: Warper;
  /** Encoded source tiles. */
  shelf: SizedCache<ShelvedTile>;
}

/** Plans under way: some wait for source tiles, some are decoded and warped, some are handed to the store. */
const MAX_PLANS = 8;

interface Job {
  readonly plan: WarpPlan;
  readonly requests: readonly TileRequest[];
  readonly tiles: (ShelvedTile | null)[];
  missing: number;
  readonly release: () => void;
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
  /** Source tiles that are asked for, with the jobs that wait for them. */
  readonly #pending = new Map<string, { job: Job; index: number }[]>();
  readonly #working = new Set<Promise<void>>();
  readonly #fatal = Promise.withResolvers<never>();
  /** What has been taken from the caller's batch and not planned yet. */
  #rest: Iterator<readonly TileRequest[]> | null = null;
  /** Plans of the metatile at hand that have not begun. */
  #planned: ArrayIterator<[WarpPlan, readonly TileRequest[]]> = [].values();

  constructor(tools: WarpTools, options: FetchTilesOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#fatal.promise.catch(() => undefined);
  }

  /** @throws CancelledError; whatever `settle` or `batches` throw */
  async run(): Promise<"done" | "dead"> {
    const { signal, retry, clock, random, onRetry } = this.#options;
    const stop = AbortSignal.any([signal, this.#abort.signal]);
    // When all source tiles are there, nobody else tells of a cancel.
    const stopListening = whenAborted(signal, (error) => this.#fatal.reject(error));
    try {
      const fetching = fetchTiles(this.#tools.source, {
        batches: this.#listSourceTiles(stop),
        settle: (request, settled) => this.#arrive(request.tile, settled),
        onRetry,
        signal: stop,
        retry,
        clock,
        random,
      });
      const how = await Promise.race([fetching, this.#fatal.promise]);
      if (how === "dead") await this.#failRest();
      while (this.#working.size > 0) await Promise.race([Promise.all(this.#working), this.#fatal.promise]);
      return how;
    } finally {
      stopListening();
      this.#abort.abort();
    }
  }

  /** Batches of source tiles that are not at hand, plan by plan. */
  async *#listSourceTiles(signal: AbortSignal): AsyncGenerator<Iterable<TileRequest>> {
    const { batches } = this.#options;
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      this.#rest = groupByMetatile(next.value, this.#tools.planner).values();
      for (let group = this.#rest.next(); group.done !== true; group = this.#rest.next()) {
        this.#planned = (await this.#plan(group.value)).values();
        for (const [plan, requests] of this.#planned) {
          const release = await this.#places.acquire({ signal });
          const wanted = this.#begin({ plan, requests, tiles: [], missing: 0, release }, signal);
          if (wanted.length > 0) yield wanted;
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
    job.plan.sources.forEach((tile, index) => {
      const key = tileToText(tile);
      const known = this.#findShelved(key);
      job.tiles[index] = known;
      if (known !== null) return;
      job.missing += 1;
      const waiting = this.#pending.get(key);
      if (waiting === undefined) {
        this.#pending.set(key, [{ job, index }]);
        wanted.push({ tile });
      } else waiting.push({ job, index });
    });
    if (job.missing === 0) this.#work(job, signal);
    return wanted;
  }

  /** What failed in a run before is worth asking for again. */
  #findShelved(key: string): ShelvedTile | null {
    const known = this.#tools.shelf.find(key);
    return known?.kind === "failed" && known.run !== this.#id ? null : known;
  }

  #arrive(tile: TileCoord, settled: SettledTile): void {
    const key = tileToText(tile);
    const shelved = toShelved(settled, this.#id);
    this.#tools.shelf.put(key, shelved, shelved.kind === "tile" ? shelved.data.byteLength : 0);
    const waiting = this.#pending.get(key) ?? [];
    this.#pending.delete(key);
    for (const { job, index } of waiting) {
      job.tiles[index] = shelved;
      job.missing -= 1;
      if (job.missing === 0) this.#work(job, this.#abort.signal);
    }
  }

  #work(job: Job, signal: AbortSignal): void {
    const working = this.#finish(job, AbortSignal.any([signal, this.#options.signal])).then(
      () => undefined,
      (error: unknown) => this.#fail(error),
    );
    this.#working.add(working);
    void working.then(() => {
      this.#working.delete(working);
      job.release();
    });
  }

  #fail(error: unknown): void {
    // A cancel tells of itself.
    if (isCancelled(error)) return;
    this.#fatal.reject(error);
    this.#abort.abort(error);
  }

  /** Decodes, warps and settles every tile of a job. A tile whose source could not be fetched fails with that reason. */
  async #finish({ plan, requests, tiles }: Job, signal: AbortSignal): Promise<void> {
    const bytes = tiles.map((tile) => (tile?.kind === "tile" ? tile.data : null));
    const made = await this.#warp(plan, bytes, signal);
    for (const [index, { sources }] of plan.tiles.entries()) {
      const request = requests[index] as TileRequest;
      const lost = sources.find((source) => tiles[source]?.kind === "failed");
      const shelved = lost === undefined ? null : tiles[lost];
      if (shelved?.kind === "failed") {
        await this.#settle(request, {
          error: describeFailure(plan.sources[lost as number], shelved.error),
          attempts: 1,
        });
      } else await this.#settle(request, toSettled(made[index] ?? null));
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

const EMPTY = { result: { kind: "empty" }, attempts: 1 } as const;

function toSettled(made: WarpedTile): SettledTile {
  if (made === null) return EMPTY;
  if (made instanceof TilthError) return { error: made, attempts: 1 };
  return { result: { kind: "tile", ...made, etag: null, lastModified: null }, attempts: 1 };
}

function toShelved(settled: SettledTile, run: symbol): ShelvedTile {
  if ("error" in settled) return { kind: "failed", error: settled.error, run };
  return settled.result.kind === "tile" ? { kind: "tile", data: settled.result.data } : { kind: "empty" };
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
