import { readFile } from "node:fs/promises";
import { isTilthError, silentLogger, throwIfAborted, TilthError, type Logger } from "../../core/index.ts";
import type { LonLatBbox } from "../../geo/index.ts";
import type { WantedArea } from "../import/feature_plan.ts";
import type { TagFilter } from "../tags/tag_filter.ts";
import { EXTRACT, OTHER_SERVICE, whatHappened } from "./advice.ts";
import type { CachedAnswer, CellCache } from "./cell_cache.ts";
import { firstCells, mayTouch, MIN_CELL_DEGREES, quarters } from "./cells.ts";
import { isTransient, type OverpassClient } from "./overpass_client.ts";
import { readAnswer, readCount } from "./read_answer.ts";
import { countQuery, dataQuery, type QueryLimits } from "./queries.ts";

export interface FetchCellsOptions {
  /** Asked in this order when one is overloaded; one at a time. */
  readonly clients: readonly OverpassClient[];
  readonly cache: CellCache;
  readonly area: WantedArea;
  /** Null: everything that has a tag. */
  readonly filters: readonly TagFilter[] | null;
  readonly limits: QueryLimits;
  /** A cell with more is cut into four. @default 50000 */
  readonly maxObjects?: number;
  readonly onProgress?: (progress: CellProgress) => void;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

export interface CellProgress {
  /** Cells with an answer; those that were cut count through their quarters. */
  readonly done: number;
  readonly waiting: number;
  readonly requests: number;
  readonly fromCache: number;
}

/** Cells of one run; more would be a week of fetching. */
const MAX_CELLS = 20_000;
const MAX_OBJECTS = 50_000;
/** Of a service that is overloaded, where there is another to ask. */
const ATTEMPTS_BEFORE_NEXT = 2;

/**
 * Fetches an area cell by cell, each answer into the cache: counts first, cuts what is too much into quarters, and again where the service gives up.
 * @returns all answers, in order
 * @throws `overpass.*`, `osm.tooLarge`, `osm.areaTooLarge`, `http.*`, `store.*`
 */
export async function fetchCells(options: FetchCellsOptions): Promise<CachedAnswer[]> {
  const run = new CellRun(options);
  return run.run();
}

class CellRun {
  readonly #options: FetchCellsOptions;
  readonly #files: CachedAnswer[] = [];
  #requests = 0;
  #fromCache = 0;

  constructor(options: FetchCellsOptions) {
    this.#options = options;
  }

  async run(): Promise<CachedAnswer[]> {
    const { area, signal, cache } = this.#options;
    const line = firstCells(area).toReversed();
    // Not at the end: what this run uses may be old by then.
    await cache.prune();
    for (let cell = line.pop(); cell !== undefined; cell = line.pop()) {
      throwIfAborted(signal);
      if (!mayTouch(cell, area)) continue;
      const file = await this.#fetchOrCut(cell);
      if (file === null) line.push(...quarters(cell).toReversed());
      else this.#files.push(file);
      if (this.#files.length + line.length > MAX_CELLS)
        throw new TilthError("osm.tooLarge", `expected at most ${MAX_CELLS} cells; ${EXTRACT}`);
      this.#tell(line.length);
    }
    return this.#files;
  }

  /** @returns null when the cell has to be cut */
  async #fetchOrCut(cell: LonLatBbox): Promise<CachedAnswer | null> {
    const { cache, filters, limits, maxObjects = MAX_OBJECTS, signal } = this.#options;
    const query = dataQuery(cell, filters, limits);
    const known = await this.#find(query);
    if (known !== null) {
      this.#fromCache += 1;
      return known;
    }
    const canCut = cell[2] - cell[0] > MIN_CELL_DEGREES && cell[3] - cell[1] > MIN_CELL_DEGREES;
    try {
      if (canCut && (await this.#count(cell)) > maxObjects) return null;
      return await this.#ask(query, (body, { endpoint, host }) =>
        cache.put({ endpoint, query }, host, body, (path) => this.#check(path, host, signal)),
      );
    } catch (error) {
      const isTooMuch = isTilthError(error, "overpass.incomplete") || isTilthError(error, "http.tooLarge");
      if (!isTooMuch) throw error;
      // It ran out of time or memory, or had more to say than we take: a quarter of the cell will not.
      if (canCut) return null;
      throw new TilthError(
        "osm.tooLarge",
        `even a cell of ${MIN_CELL_DEGREES} degrees is too much for the service (${whatHappened(error.message)}); ${OTHER_SERVICE}, or ${EXTRACT}`,
        { cause: error },
      );
    }
  }

  /** From the cache, too: a run that was cancelled does not count again. */
  async #count(cell: LonLatBbox): Promise<number> {
    const { cache, filters, limits } = this.#options;
    const query = countQuery(cell, filters, limits);
    const known = await this.#find(query);
    if (known !== null) return readCount(await readFile(known.path), known.host);
    return this.#ask(query, async (body, { endpoint, host }) => {
      const count = readCount(body, host);
      await cache.put({ endpoint, query }, host, body);
      return count;
    });
  }

  /** Of whichever of the services has answered. */
  async #find(query: string): Promise<CachedAnswer | null> {
    for (const { endpoint } of this.#options.clients) {
      const found = await this.#options.cache.find({ endpoint, query });
      if (found !== null) return found;
    }
    return null;
  }

  /** Reads an answer to its end: what the cache keeps can be imported. */
  async #check(path: string, host: string, signal: AbortSignal | undefined): Promise<void> {
    const { logger = silentLogger } = this.#options;
    const remark = await readAnswer(path, host, signal);
    if (remark !== null) logger.warn("Overpass:Remark", { host, remark });
  }

  async #ask<Result>(
    query: string,
    accept: (body: Uint8Array<ArrayBuffer>, from: OverpassClient) => Promise<Result>,
  ): Promise<Result> {
    const { clients, signal } = this.#options;
    const open = clients.filter(({ isClosed }) => !isClosed);
    // Who is left alone for a while comes last.
    const inTurn = (open.length > 0 ? open : clients).toSorted((a, b) => Number(a.isResting) - Number(b.isResting));
    for (const [i, client] of inTurn.entries()) {
      const isLast = i === inTurn.length - 1;
      this.#requests += 1;
      try {
        return await client.query(query, {
          accept: (body) => accept(body, client),
          attempts: isLast ? undefined : ATTEMPTS_BEFORE_NEXT,
          signal,
        });
      } catch (error) {
        if (isLast || !(isTransient(error) || client.isClosed)) throw error;
      }
    }
    throw new TilthError("argument.invalid", "expected at least one Overpass service");
  }

  #tell(waiting: number): void {
    const { onProgress } = this.#options;
    onProgress?.({ done: this.#files.length, waiting, requests: this.#requests, fromCache: this.#fromCache });
  }
}
