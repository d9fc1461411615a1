import { sleep, type Clock } from "../../src/core/index.ts";
import { tileToText, type TileCoord } from "../../src/grid/index.ts";
import { httpError, type HostState } from "../../src/net/index.ts";
import type { TileSource } from "../../src/source/index.ts";
import type { Arrival } from "./fleet.ts";
import { EMPTY_ANSWER, FakeSource, tileAnswer } from "./fake_source.ts";

/** What a tile's address is answered with, always: `flaky` fails once or twice before. */
export type TileKind = "tile" | "empty" | "missing" | "flaky";

/** The host of a simulated fleet, and what it has been asked. */
export class FleetOrigin {
  readonly arrivals: Arrival[] = [];
  /** By worker: requests. */
  readonly asked = new Map<string, number>();
  /** By worker: those that were answered with an error. */
  readonly refused = new Map<string, number>();
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #slowShare: number;
  readonly #kinds = new Map<string, TileKind>();
  readonly #attempts = new Map<string, number>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#slowShare = 0.05 * random() ** 2;
  }

  kindOf(tile: TileCoord): TileKind {
    const name = tileToText(tile);
    let kind = this.#kinds.get(name);
    if (kind === undefined) this.#kinds.set(name, (kind = kindOf(this.#random())));
    return kind;
  }

  /** As a worker sees it, whose clock stands still when it is killed. */
  sourceOf(worker: string, index: number, hosts: readonly HostState[], clock: Clock): TileSource {
    return new FakeSource({
      hosts: [...hosts],
      info: { id: worker },
      answer: async (tile, _attempt, { signal }) => {
        this.arrivals.push({ atMs: this.#clock.monotonicMs(), worker: index });
        count(this.asked, worker);
        await sleep(this.#latencyMs(), { clock, signal });
        const error = this.#refusal(tile);
        if (error !== null) {
          count(this.refused, worker);
          throw error;
        }
        return this.kindOf(tile) === "empty" ? EMPTY_ANSWER : tileAnswer(tile);
      },
    });
  }

  /** A few are very slow. */
  #latencyMs(): number {
    return this.#random() < this.#slowShare ? 2000 + 18_000 * this.#random() : 10 + 90 * this.#random();
  }

  #refusal(tile: TileCoord): Error | null {
    const kind = this.kindOf(tile);
    const attempts = count(this.#attempts, tileToText(tile));
    const status = kind === "missing" ? 404 : kind === "flaky" && attempts <= 2 ? 500 : null;
    if (status === null) return null;
    return httpError("http.status", `status ${status}`, { url: "http://origin/", status });
  }
}

function kindOf(chance: number): TileKind {
  if (chance < 0.02) return "missing";
  if (chance < 0.06) return "flaky";
  return chance < 0.12 ? "empty" : "tile";
}

/** One more. @returns how many there are */
export function count(counts: Map<string, number>, name: string): number {
  const next = (counts.get(name) ?? 0) + 1;
  counts.set(name, next);
  return next;
}
