/** Work of one block: long enough that its bookkeeping is nothing, short enough that a lost worker costs little. */
const BLOCK_SECONDS = 40;
/** Tiles of a block before any speed is known. */
const FIRST_TILES = 1024;
/** A block is a row, a job and two index scans: below this they would cost as much as the tiles. */
const MIN_TILES = 64;
/** Blocks that each worker should still get when the end comes near: else some idle while the last ones finish. */
const LAST_ROUNDS = 4;

export interface Speed {
  /** Of one worker on one block. */
  readonly tilesPerSecond: number | null;
  readonly workers: number;
  /** Not cut yet. */
  readonly remainingTiles: number;
}

/** Tiles of the next block: about 40 s of work, less towards the end of the plan. */
export function blockTilesFor({ tilesPerSecond, workers, remainingTiles }: Speed): number {
  const bySpeed = tilesPerSecond === null ? FIRST_TILES : tilesPerSecond * BLOCK_SECONDS;
  const byEnd = remainingTiles / (Math.max(1, workers) * LAST_ROUNDS);
  return Math.max(MIN_TILES, Math.round(Math.min(bySpeed, byEnd)));
}
