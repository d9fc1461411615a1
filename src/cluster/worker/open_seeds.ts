import type { TileSource } from "../../cache/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { planTask } from "../../seed/index.ts";
import type { ClusterBook, ClusterSeed } from "../book/cluster_book.ts";
import type { SeedDefinition } from "../definition.ts";
import type { OpenSeed } from "./run_block.ts";
import { SeedFigures } from "./seed_figures.ts";

/** Opens the source of a seed on this machine, on the grid of its cache, with the keys that the environment holds. */
export type OpenSeedSource = (
  definition: SeedDefinition,
  grid: TileMatrixSet,
  signal: AbortSignal,
) => Promise<TileSource>;

export interface SeedHere extends OpenSeed {
  readonly figures: SeedFigures;
}

/** Seeds kept open while no block of theirs is worked on: the next block opens nothing. */
const MAX_IDLE = 8;

/** Seeds that are open in this process, each once, whichever blocks need it. */
export class OpenSeeds {
  readonly #book: ClusterBook;
  readonly #openSource: OpenSeedSource;
  readonly #signal: AbortSignal;
  readonly #seeds = new Map<string, { opening: Promise<SeedHere>; users: number }>();

  constructor(book: ClusterBook, openSource: OpenSeedSource, signal: AbortSignal) {
    this.#book = book;
    this.#openSource = openSource;
    this.#signal = signal;
  }

  /** @throws whatever opening the source or the cache throws */
  async take(seedId: string): Promise<{ here: SeedHere; giveBack: () => void }> {
    // A seed that was submitted again has other books and, perhaps, another definition.
    const seed = await this.#book.getSeed(seedId);
    const key = `${seedId} ${seed.submittedAtMs}`;
    const entry = this.#seeds.get(key) ?? { opening: this.#open(seed), users: 0 };
    this.#seeds.set(key, entry);
    entry.users += 1;
    const giveBack = (): void => {
      entry.users -= 1;
      void Promise.allSettled(this.#closeIdle(MAX_IDLE));
    };
    try {
      return { here: await entry.opening, giveBack };
    } catch (error) {
      this.#seeds.delete(key);
      throw error;
    }
  }

  /** Figures of all that are open. */
  async listFigures(): Promise<SeedFigures[]> {
    const opened = await Promise.allSettled([...this.#seeds.values()].map(({ opening }) => opening));
    return opened.flatMap((one) => (one.status === "fulfilled" ? [one.value.figures] : []));
  }

  async close(): Promise<void> {
    await Promise.all(this.#closeIdle(0));
  }

  async #open(seed: ClusterSeed): Promise<SeedHere> {
    const { id, definition } = seed;
    const tiles = await this.#book.openTiles(definition.cache, this.#signal);
    try {
      const plan = planTask(tiles.grid, definition.task);
      const source = await this.#openSource(definition, tiles.grid, this.#signal);
      return { seed, source, plan, tiles, figures: new SeedFigures(id, source) };
    } catch (error) {
      await tiles.close();
      throw error;
    }
  }

  #closeIdle(keep: number): Promise<void>[] {
    const idle = [...this.#seeds].filter(([, { users }]) => users === 0);
    return idle.slice(0, Math.max(0, idle.length - keep)).map(async ([key, { opening }]) => {
      this.#seeds.delete(key);
      const { source, tiles } = await opening;
      await source.close();
      await tiles.close();
    });
  }
}
