import type { TileCoord } from "../grid/index.ts";
import {
  fetchTiles,
  type FetchTileOptions,
  type FetchTilesOptions,
  type Priority,
  type TileSource,
} from "../source/index.ts";
import { CancelledError } from "../core/index.ts";
import { tileToText } from "../grid/index.ts";
import type { FlightOwner, SourceFlights } from "./source_flights.ts";
import type { ShelvedTile } from "./tile_shelf.ts";

/**
 * What one run asks the source for, and what it waits for that others ask for. A run that ends before its tiles have come goes on fetching
 * those that others wait for, and no more: their requests keep the place that the host gave them.
 */
export class SharedFetch implements FlightOwner {
  readonly priority: Priority;
  readonly #source: TileSource;
  readonly #flights: SourceFlights;
  /** Tiles that this run has to fetch, with what breaks their attempt off; null while there has been none. */
  readonly #owned = new Map<string, AbortController | null>();
  readonly #waits = new Set<string>();
  readonly #stop = new AbortController();
  #left = false;

  constructor(source: TileSource, flights: SourceFlights, priority: Priority = "batch") {
    this.priority = priority;
    this.#source = source;
    this.#flights = flights;
  }

  /** Waits for a tile; true when this run has to ask for it. */
  join(key: string, take: (tile: ShelvedTile) => void): boolean {
    this.#waits.add(key);
    const isOwn = this.#flights.join(key, this, (tile) => {
      this.#waits.delete(key);
      take(tile);
    });
    if (isOwn) this.#owned.set(key, null);
    return isOwn;
  }

  owns(key: string): boolean {
    return this.#owned.has(key);
  }

  /** As `fetchTiles`; what is not wanted any more is not asked for. */
  fetch(options: Omit<FetchTilesOptions, "signal" | "priority">): Promise<"done" | "dead"> {
    const { info, hosts } = this.#source;
    // A source that makes its tiles itself breaks off all of them or none.
    const source: TileSource =
      this.#source.makeTiles === undefined
        ? { info, hosts, fetchTile: (tile, how) => this.#attempt(tile, how), close: async () => undefined }
        : this.#source;
    return fetchTiles(source, { ...options, priority: this.priority, signal: this.#stop.signal });
  }

  /** Hands on what has come; false when nobody waited for it. */
  arrive(key: string, tile: ShelvedTile): boolean {
    this.#owned.delete(key);
    const isWanted = this.#flights.settle(key, this, tile);
    this.#stopIfIdle();
    return isWanted;
  }

  /** This run wants nothing more. */
  leave(): void {
    this.#left = true;
    this.#flights.leave(this.#waits, this);
    this.#waits.clear();
    this.#stopIfIdle();
  }

  /** Fails what is still owed, once nothing can fetch it any more. */
  fail(tile: ShelvedTile): void {
    for (const key of this.#owned.keys()) this.arrive(key, tile);
  }

  cede(key: string): boolean {
    // Of a source that makes its tiles itself it is not known what is under way.
    if (this.#source.makeTiles !== undefined || this.#owned.get(key) !== null) return false;
    this.#owned.delete(key);
    this.#stopIfIdle();
    return true;
  }

  onUnwanted(key: string): void {
    const attempt = this.#owned.get(key);
    this.#owned.delete(key);
    attempt?.abort(new CancelledError());
    this.#stopIfIdle();
  }

  #attempt(tile: TileCoord, how: FetchTileOptions = {}): ReturnType<TileSource["fetchTile"]> {
    const key = tileToText(tile);
    if (!this.#owned.has(key)) return Promise.reject(new CancelledError());
    const attempt = new AbortController();
    this.#owned.set(key, attempt);
    return this.#source.fetchTile(tile, { ...how, signal: attempt.signal });
  }

  #stopIfIdle(): void {
    if (this.#left && this.#owned.size === 0) this.#stop.abort(new CancelledError());
  }
}
