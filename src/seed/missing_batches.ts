import { rangeContains, rangeIndex, listBlockTiles, type PlanBlock, type TilePlan } from "../grid/index.ts";
import { PRESENCE, type TileRequest, type TileStore } from "../cache/index.ts";

/** What the store knew of a block before anything was fetched for it. */
export interface BlockScan {
  present: number;
  empty: number;
  missing: number;
}

export interface MissingBatchesOptions {
  store: Pick<TileStore, "readPresence" | "readRecords">;
  plan: TilePlan;
  /** Tiles fetched before (UTC ms) are asked for again, with their validators. */
  staleBeforeMs?: number;
  /** Called for each block before its tiles are handed out. */
  onBlock: (block: PlanBlock, scan: BlockScan) => void;
  signal: AbortSignal;
}

/** The tiles of a plan that the store does not have, block by block. One block's presence bytes are all that is held. */
export async function* listMissingBatches(options: MissingBatchesOptions): AsyncGenerator<Iterable<TileRequest>> {
  const { store, plan, staleBeforeMs, onBlock, signal } = options;
  for (const block of plan.listBlocks()) {
    const presence = await store.readPresence(block.range, { staleBeforeMs, signal });
    const scan = scanBlock(block, presence);
    onBlock(block, scan);
    if (scan.missing === 0) continue;
    const tiles = listBlockTiles(block, (index) => presence[index] === PRESENCE.missing);
    yield staleBeforeMs === undefined ? wrap(tiles) : await withValidators(store, block, tiles, signal);
  }
}

/** Counts by presence over the wanted tiles of a block. */
export function scanBlock(block: PlanBlock, presence: Uint8Array): BlockScan {
  const scan = { present: 0, empty: 0, missing: 0 };
  const count = (index: number): void => {
    if (presence[index] === PRESENCE.present) scan.present += 1;
    else if (presence[index] === PRESENCE.empty) scan.empty += 1;
    else scan.missing += 1;
  };
  if (block.rows === null) for (let index = 0; index < presence.length; index++) count(index);
  else for (const tile of listBlockTiles(block)) count(rangeIndex(block.range, tile.x, tile.y));
  return scan;
}

function* wrap(tiles: Iterable<TileRequest["tile"]>): Generator<TileRequest> {
  for (const tile of tiles) yield { tile };
}

async function withValidators(
  store: Pick<TileStore, "readRecords">,
  block: PlanBlock,
  tiles: Iterable<TileRequest["tile"]>,
  signal: AbortSignal,
): Promise<TileRequest[]> {
  const records = new Map<number, { etag: string | null; lastModified: string | null }>();
  for (const record of await store.readRecords(block.range, { signal })) {
    // Only bytes that are there can be 'not modified'.
    if (record.status !== "present" || !rangeContains(block.range, record.tile)) continue;
    records.set(rangeIndex(block.range, record.tile.x, record.tile.y), {
      etag: record.etag,
      lastModified: record.lastModified,
    });
  }
  return [...tiles].map((tile) => ({ tile, ...records.get(rangeIndex(block.range, tile.x, tile.y)) }));
}
