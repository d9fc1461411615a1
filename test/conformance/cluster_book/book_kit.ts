import { expect } from "vitest";
import type { BlockLease, ClusterBook } from "../../../src/cluster/index.ts";
import { cutMore } from "../../../src/cluster/worker/cut_more.ts";
import type { TileStore } from "../../../src/store/index.ts";
import { submitFake, type SubmitOptions } from "../../support/cluster.ts";
import { LeaseHand } from "../../support/cluster_leases.ts";

export interface OpenClusterBook {
  readonly book: ClusterBook;
  /** The same books, as another machine has them. */
  readonly other: ClusterBook;
  /** A cache of these books without a tile. */
  readonly cache: string;
  readonly tiles: TileStore;
  /** Lets time pass for the books: leases that nobody reports grow old, and blocks that failed may be tried again. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const MINUTES_MS = 60_000;
export const LOST = { code: "cluster.leaseLost" };

/** Books that are open for one test, and what tests do with them. A seed here is zoom 3 of the world, 64 tiles, in four blocks of 16. */
export class BookKit {
  #opened: OpenClusterBook | null = null;
  seed: SubmitOptions = {};

  async open(open: () => Promise<OpenClusterBook>): Promise<void> {
    this.#opened = await open();
    this.seed = { zooms: [3], blockTiles: 16, cache: this.opened.cache };
  }

  get opened(): OpenClusterBook {
    if (this.#opened === null) throw new Error("expected to be called within a test");
    return this.#opened;
  }

  get book(): ClusterBook {
    return this.opened.book;
  }

  async submit(): Promise<string> {
    return (await submitFake(this.book, this.seed)).id;
  }

  async submitAndCut(): Promise<string> {
    const id = await this.submit();
    await cutMore(this.book, new Map());
    return id;
  }

  handOf(lease: BlockLease, on = this.book): LeaseHand {
    return new LeaseHand(on, this.opened.tiles, lease, this.seed);
  }

  async take(worker = "one", on = this.book): Promise<LeaseHand> {
    const lease = await on.claim(worker);
    if (lease === null) throw new Error("expected a block that waits");
    return this.handOf(lease, on);
  }

  /** @returns how many blocks */
  async finishAll(): Promise<number> {
    for (let count = 0; ; count++) {
      const lease = await this.book.claim("one");
      if (lease === null) return count;
      await this.handOf(lease).finish();
    }
  }

  /** The worker says nothing for so long that its blocks are put back, and may be taken. */
  async silence(): Promise<void> {
    await this.opened.advance(11_000);
    await this.book.tidy();
    await this.opened.advance(10 * MINUTES_MS);
  }

  async failNineTimes(): Promise<void> {
    for (let attempt = 1; attempt <= 9; attempt++) {
      const { lease } = await this.take();
      expect(lease.attempt).toBe(attempt - 1);
      await this.book.fail(lease, new Error(`failed for the ${attempt}. time`));
      await this.opened.advance(10 * MINUTES_MS);
    }
    await this.book.tidy();
  }
}
