import type { BlockKey } from "../block_image.ts";

/** A stored block: its bytes in the file, and what they become. */
export interface PlacedBlock {
  readonly key: BlockKey;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly rows: number;
  readonly pixelBytes: number;
}

/** Blocks that are read and decoded at once. */
export interface BlockGroup {
  readonly blocks: readonly PlacedBlock[];
  readonly offset: number;
  readonly sizeBytes: number;
  readonly pixelBytes: number;
}

/** A task for a thread costs 20 µs, a read 10 µs or a request: strips of one row are handed over by the hundred. */
const GROUP_PIXEL_BYTES = 1024 * 1024;
const GROUP_BYTES = 4 * 1024 * 1024;
const MAX_GROUP_BLOCKS = 1024;
/** Bytes between two blocks that are read rather than skipped. */
const GAP_BYTES = 16 * 1024;

/** Neighbours in the list that lie behind each other in the file, up to so many bytes. */
export function groupBlocks(blocks: readonly PlacedBlock[]): BlockGroup[] {
  const groups: BlockGroup[] = [];
  let current: PlacedBlock[] = [];
  let pixelBytes = 0;
  const end = (): void => {
    const first = current[0];
    const last = current.at(-1);
    if (first === undefined || last === undefined) return;
    groups.push({
      blocks: current,
      offset: first.offset,
      sizeBytes: last.offset + last.sizeBytes - first.offset,
      pixelBytes,
    });
    current = [];
    pixelBytes = 0;
  };
  for (const block of blocks) {
    if (!fits(current, block, pixelBytes)) end();
    current.push(block);
    pixelBytes += block.pixelBytes;
  }
  end();
  return groups;
}

function fits(group: readonly PlacedBlock[], block: PlacedBlock, pixelBytes: number): boolean {
  const first = group[0];
  const last = group.at(-1);
  if (first === undefined || last === undefined) return true;
  const gap = block.offset - (last.offset + last.sizeBytes);
  return (
    gap >= 0 &&
    gap <= GAP_BYTES &&
    group.length < MAX_GROUP_BLOCKS &&
    pixelBytes + block.pixelBytes <= GROUP_PIXEL_BYTES &&
    block.offset + block.sizeBytes - first.offset <= GROUP_BYTES
  );
}
