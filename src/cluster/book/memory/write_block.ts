import { TilthError } from "../../../core/index.ts";
import { PRESENCE, type TileStore } from "../../../cache/index.ts";
import { rangeContains, rangeIndex } from "../../../grid/index.ts";
import { scanBlock, type BlockScan, type FailedRun } from "../../../seed/index.ts";
import type { BlockBatch, BlockEnd, BlockLease } from "../cluster_book.ts";
import { countTiles, totalOf, type MemoryBlock, type MemorySeed } from "./memory_seed.ts";

/** Only the first attempt's scan says what was there before. */
export function noteScan(block: MemoryBlock, scan: BlockScan): void {
  block.present ??= block.isRetry ? Math.max(0, block.count - scan.missing) : scan.present;
  block.knownEmpty ??= block.isRetry ? 0 : scan.empty;
}

/** False for a batch that was committed already. @throws `cluster.leaseLost` for one that is not the next */
export function isNext(block: MemoryBlock, lease: BlockLease, { number }: BlockBatch): boolean {
  if (block.batches === number - 1) return true;
  if (block.batches < number) throw leaseLost(lease);
  return false;
}

export async function writeBatch(block: MemoryBlock, store: TileStore, { number, writes }: BlockBatch): Promise<void> {
  await store.putMany(writes);
  const empty = writes.filter(({ kind }) => kind === "empty").length;
  block.batches = number;
  block.stored += writes.length - empty;
  block.empty += empty;
  block.bytes += writes.reduce((sum, write) => sum + (write.kind === "tile" ? write.data.byteLength : 0), 0);
}

/**
 * What will be there with the last batch.
 * @throws `seed.incomplete`
 */
export async function requireAll(
  store: TileStore,
  lease: BlockLease,
  end: BlockEnd,
  last: BlockBatch | null,
): Promise<void> {
  const presence = await store.readPresence(lease.range);
  for (const { kind, tile } of last?.writes ?? [])
    if (kind !== "renew" && rangeContains(lease.range, tile))
      presence[rangeIndex(lease.range, tile.x, tile.y)] = kind === "empty" ? PRESENCE.empty : PRESENCE.present;
  const { missing } = scanBlock(end.block, presence);
  const failed = countTiles(end.failed);
  if (missing <= failed) return;
  const message = `expected at most ${failed} tiles of block ${lease.number} to be missing in ${store.location}, got ${missing}; they are fetched again`;
  throw new TilthError("seed.incomplete", message, { fields: { seedId: lease.seedId, missing, failed } });
}

export interface Closing {
  readonly failed: readonly FailedRun[];
  readonly busyMs: number;
}

/**
 * Moves the sums of a block to those of its worker and takes it out.
 * @param done null for a seed that was cancelled
 */
export function closeBlock(seed: MemorySeed, block: MemoryBlock, done: Closing | null, nowMs: number): void {
  const failed = done === null ? 0 : countTiles(done.failed);
  const empty = block.empty + (block.knownEmpty ?? 0);
  const present = done === null ? (block.present ?? 0) : block.count - block.stored - empty - failed;
  const total = totalOf(seed, block.worker ?? "", nowMs);
  const sums = { present, stored: block.stored, empty, failed, bytes: block.bytes };
  for (const name of ["present", "stored", "empty", "failed", "bytes"] as const) total.counts[name] += sums[name];
  total.blocks += done === null ? 0 : 1;
  total.busyMs += Math.round(done?.busyMs ?? 0);
  if (failed > 0) seed.failed.set(block.number, done?.failed ?? []);
  seed.blocks.delete(block.number);
}

export function leaseLost({ seedId, number }: BlockLease): TilthError {
  const message = `block ${number} of seed ${seedId} is no longer this worker's: it was silent for too long, or the seed was stopped; another one does it`;
  return new TilthError("cluster.leaseLost", message, { fields: { seedId, block: number } });
}
