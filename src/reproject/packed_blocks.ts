import type { ControlBlock } from "./control_mesh.ts";

/** The blocks of several tiles as one array: a message of thousands of small objects costs 0.15 ms a tile, one array 0.01. */
export interface PackedBlocks {
  /** Blocks of each tile. */
  readonly counts: readonly number[];
  /** For each block HEAD numbers, then its positions. */
  readonly numbers: Float64Array;
}

/** x, y, width, height, 1 for a mesh, size, scale along x and y, numbers of its positions. */
const HEAD = 9;

export function packBlocks(tiles: readonly (readonly ControlBlock[])[]): PackedBlocks {
  let length = 0;
  for (const blocks of tiles) for (const { positions } of blocks) length += HEAD + positions.length;
  const numbers = new Float64Array(length);
  let at = 0;
  for (const blocks of tiles) {
    for (const { x, y, width, height, kind, size, scale, positions } of blocks) {
      const head = [x, y, width, height, kind === "mesh" ? 1 : 0, size, scale[0], scale[1], positions.length];
      numbers.set(head, at);
      numbers.set(positions, at + HEAD);
      at += HEAD + positions.length;
    }
  }
  return { counts: tiles.map((blocks) => blocks.length), numbers };
}

/** The same blocks again, over the packed numbers. */
export function unpackBlocks({ counts, numbers }: PackedBlocks): ControlBlock[][] {
  let at = 0;
  const next = (): ControlBlock => {
    const [x = 0, y = 0, width = 0, height = 0, isMesh, size = 0, scaleX = 0, scaleY = 0, length = 0] =
      numbers.subarray(at, at + HEAD);
    const positions = numbers.subarray(at + HEAD, at + HEAD + length);
    at += HEAD + length;
    return { x, y, width, height, kind: isMesh === 1 ? "mesh" : "points", size, positions, scale: [scaleX, scaleY] };
  };
  return counts.map((count) => Array.from({ length: count }, next));
}
