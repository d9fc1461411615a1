import { PRESENCE, type TileStore, type TileWrite } from "../../cache/index.ts";
import { rangeContains, rangeIndex, type PlanBlock } from "../../grid/index.ts";
import { scanBlock, type SeedStore } from "../../seed/index.ts";
import type { BlockBatch, BlockLease, ClusterBook } from "../book/cluster_book.ts";

export interface BlockStoreOptions {
  readonly book: Pick<ClusterBook, "noteScan" | "commit">;
  /** Where the tiles lie; only read here. */
  readonly tiles: TileStore;
  readonly lease: BlockLease;
  readonly block: PlanBlock;
  /** Clock of the cluster less that of this machine, ms. */
  readonly offsetMs: () => number;
}

/**
 * What a seed of one block writes to: its batches go through the books, which refuse them once the lease is lost. The batch that brings
 * the last missing tile is held back, to be committed together with the end of the block.
 */
export class BlockStore implements SeedStore {
  readonly location: string;
  readonly #options: BlockStoreOptions;
  #batches: number;
  /** Tiles without an outcome; null before the scan. */
  #open: number | null = null;
  #held: BlockBatch | null = null;

  constructor(options: BlockStoreOptions) {
    this.#options = options;
    this.location = options.tiles.location;
    this.#batches = options.lease.batches;
  }

  /** The last tiles, for the end of the block; null when all are written. */
  get held(): BlockBatch | null {
    return this.#held;
  }

  /** Tiles that have failed: nothing will be written for them. */
  noteFailed(count: number): void {
    this.#open = (this.#open ?? 0) - count;
  }

  /** The first call is the scan of the block; what is held back counts as there. */
  readPresence: SeedStore["readPresence"] = async (range, options) => {
    const { tiles, book, lease, block } = this.#options;
    const presence = await tiles.readPresence(range, options);
    if (this.#open === null) {
      const scan = scanBlock(block, presence);
      await book.noteScan(lease, scan);
      this.#open = scan.missing;
    }
    for (const { kind, tile } of this.#held?.writes ?? [])
      if (rangeContains(range, tile))
        presence[rangeIndex(range, tile.x, tile.y)] = kind === "empty" ? PRESENCE.empty : PRESENCE.present;
    return presence;
  };

  readRecords: SeedStore["readRecords"] = (range, options) => this.#options.tiles.readRecords(range, options);

  async putMany(writes: readonly TileWrite[]): Promise<void> {
    const offsetMs = this.#options.offsetMs();
    const shifted = writes.map((write) => ({ ...write, fetchedAtMs: write.fetchedAtMs + offsetMs }));
    const batch = { number: this.#batches + 1, writes: shifted };
    if (this.#open !== null && this.#open - writes.length <= 0) this.#held = batch;
    else await this.#options.book.commit(this.#options.lease, batch);
    this.#batches += 1;
    this.#open = (this.#open ?? 0) - writes.length;
  }

  /** A block that ends early keeps what was fetched. */
  async flush(): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    await this.#options.book.commit(this.#options.lease, held);
    this.#held = null;
  }

  /** A block has no task of its own. */
  async putTask(): Promise<void> {}
}

/** The tiles of a block as a plan. */
export function planOfBlock(block: PlanBlock): {
  count: number;
  levels: { z: number; count: number }[];
  listBlocks: () => Iterable<PlanBlock>;
} {
  const { count, range } = block;
  return { count, levels: [{ z: range.z, count }], listBlocks: () => [block] };
}
