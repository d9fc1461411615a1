import type { ShelvedTile } from "./tile_shelf.ts";

/** A run that asks the source for tiles. */
export interface FlightOwner {
  /** Nobody waits for this tile of its any more. */
  onUnwanted(key: string): void;
}

interface Flight {
  readonly owner: FlightOwner;
  waiting: { readonly by: FlightOwner; readonly take: (tile: ShelvedTile) => void }[];
}

/** Source tiles on their way, for all runs of one source: the first that needs one asks for it, the others wait for the same answer. */
export class SourceFlights {
  readonly #flights = new Map<string, Flight>();

  get size(): number {
    return this.#flights.size;
  }

  /** Waits for a tile. True when nobody has asked for it yet: `by` owns it and has to fetch it. */
  join(key: string, by: FlightOwner, take: (tile: ShelvedTile) => void): boolean {
    const flight = this.#flights.get(key);
    if (flight === undefined) this.#flights.set(key, { owner: by, waiting: [{ by, take }] });
    else flight.waiting.push({ by, take });
    return flight === undefined;
  }

  /** Hands a tile to all who wait; false when it is not the owner's (any more). */
  settle(key: string, owner: FlightOwner, tile: ShelvedTile): boolean {
    const flight = this.#flights.get(key);
    if (flight === undefined || flight.owner !== owner) return false;
    this.#flights.delete(key);
    for (const { take } of flight.waiting) take(tile);
    return true;
  }

  /** `by` waits for these no more; those that nobody else waits for are forgotten, and their owners are told. */
  leave(keys: Iterable<string>, by: FlightOwner): void {
    for (const key of keys) {
      const flight = this.#flights.get(key);
      if (flight === undefined) continue;
      flight.waiting = flight.waiting.filter((one) => one.by !== by);
      if (flight.waiting.length > 0) continue;
      this.#flights.delete(key);
      flight.owner.onUnwanted(key);
    }
  }
}
