import type { Priority } from "../source/index.ts";
import type { ShelvedTile } from "./tile_shelf.ts";

/** A run that asks the source for tiles. */
export interface FlightOwner {
  readonly priority: Priority;
  /** Another run wants to ask for this tile of its instead; true when this one has not asked yet, and will not. */
  cede(key: string): boolean;
  /** Nobody waits for this tile of its any more. */
  onUnwanted(key: string): void;
}

interface Flight {
  owner: FlightOwner;
  waiting: { readonly by: FlightOwner; readonly take: (tile: ShelvedTile) => void }[];
}

/**
 * Source tiles on their way, for all runs of one source: the first that needs one asks for it, the others wait for the same answer.
 * What a seed has planned and not asked for yet, a live run asks for itself: a person must not wait in the seed's line.
 */
export class SourceFlights {
  readonly #flights = new Map<string, Flight>();

  get size(): number {
    return this.#flights.size;
  }

  /** Waits for a tile. True when nobody has asked for it yet: `by` owns it and has to fetch it. */
  join(key: string, by: FlightOwner, take: (tile: ShelvedTile) => void): boolean {
    const flight = this.#flights.get(key);
    if (flight === undefined) {
      this.#flights.set(key, { owner: by, waiting: [{ by, take }] });
      return true;
    }
    flight.waiting.push({ by, take });
    const { owner } = flight;
    if (owner === by || owner.priority === by.priority || by.priority === "batch" || !owner.cede(key)) return false;
    flight.owner = by;
    return true;
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
