import type { BlockBatch, BlockEnd, BlockLease, ClusterBook } from "../../src/cluster/index.ts";
import { listBlockTiles, webMercatorQuad, type PlanBlock, type TileCoord } from "../../src/grid/index.ts";
import { planTask, scanBlock, type BlockScan, type FailedRun } from "../../src/seed/index.ts";
import { PRESENCE, type TileStore, type TileWrite } from "../../src/store/index.ts";
import { fakeDefinition, type SubmitOptions } from "./cluster.ts";

/** The part of the plan that a lease is for. */
export function blockOf(lease: BlockLease, options: SubmitOptions): PlanBlock {
  return planTask(webMercatorQuad(), fakeDefinition(options).definition.task).clip(lease.range);
}

/** Tiles of three bytes each. */
export function batchOf(number: number, tiles: readonly TileCoord[], kind: "tile" | "empty" = "tile"): BlockBatch {
  const writes = tiles.map((tile): TileWrite => {
    const what = { tile, fetchedAtMs: Date.UTC(2026, 0, 1) };
    return kind === "empty" ? { kind, ...what } : { kind, ...what, data: Uint8Array.of(tile.z, tile.x, tile.y) };
  });
  return { number, writes };
}

export function failedOf(tiles: readonly TileCoord[]): FailedRun[] {
  return tiles.map(({ z, x, y }) => ({ z, y, minX: x, maxX: x, code: "http.status", message: "404" }));
}

/** A worker's ways with a lease, without a source. */
export class LeaseHand {
  readonly lease: BlockLease;
  readonly block: PlanBlock;
  readonly #book: ClusterBook;
  readonly #tiles: TileStore;
  #batches: number;

  constructor(book: ClusterBook, tiles: TileStore, lease: BlockLease, options: SubmitOptions) {
    this.#book = book;
    this.#tiles = tiles;
    this.lease = lease;
    this.block = blockOf(lease, options);
    this.#batches = lease.batches;
  }

  /** Notes what the store knows. @returns what it does not */
  async scan(): Promise<{ scan: BlockScan; missing: TileCoord[] }> {
    const presence = await this.#tiles.readPresence(this.lease.range);
    const scan = scanBlock(this.block, presence);
    await this.#book.noteScan(this.lease, scan);
    return { scan, missing: [...listBlockTiles(this.block, (index) => presence[index] === PRESENCE.missing)] };
  }

  nextBatch(tiles: readonly TileCoord[], kind?: "tile" | "empty"): BlockBatch {
    this.#batches += 1;
    return batchOf(this.#batches, tiles, kind);
  }

  async commit(tiles: readonly TileCoord[], kind?: "tile" | "empty"): Promise<void> {
    await this.#book.commit(this.lease, this.nextBatch(tiles, kind));
  }

  end(lastBatch: BlockBatch | null = null, failed: readonly FailedRun[] = []): BlockEnd {
    return { lastBatch, failed, busyMs: 100, block: this.block };
  }

  /** Everything that is missing comes with the end. */
  async finish(): Promise<void> {
    const { missing } = await this.scan();
    await this.#book.complete(this.lease, this.end(missing.length === 0 ? null : this.nextBatch(missing)));
  }
}
