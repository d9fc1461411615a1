import type { Bbox } from "../geo/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { blockReach, boxAround } from "./footprint.ts";
import type { KernelImage, WarpKernel } from "./kernels/warp_kernel.ts";
import type { Resampling } from "./resampling.ts";

/** A source tile in the shared memory. */
export type DecodedTile = KernelImage & { readonly channels: 3 | 4 };

/** A cell of a plan's mosaic, pixels from its upper left corner. */
export interface MosaicCell {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Null: the source has nothing there. */
  readonly tile: DecodedTile | null;
}

/** What one destination tile reads, put together. */
export interface SourceWindow {
  readonly image: KernelImage;
  /** Pixel of the mosaic that is the image's first. */
  readonly left: number;
  readonly top: number;
}

/** The kernel's quick paths want this much more around the pixels that they read: filters are padded to four taps. */
const PADDING = 6;

/**
 * Copies the source pixels of one destination tile to `ptr`: a few hundred kB that stay in the processor's cache, where a mosaic for a whole
 * metatile has 10 MB. By the tile's own cells and positions only, so that it comes out the same whatever is made beside it.
 * Null when it reads nothing.
 */
export function assembleWindow(
  kernel: WarpKernel,
  memory: WebAssembly.Memory,
  ptr: number,
  blocks: readonly ControlBlock[],
  cells: readonly MosaicCell[],
  resampling: Resampling,
): SourceWindow | null {
  const [left, top, right, bottom] = intersect(boxOfCells(cells), boxOfBlocks(blocks, resampling));
  if (!(left < right && top < bottom)) return null;
  const image = { ptr, width: right - left, height: bottom - top };
  if (!isCovered(cells, [left, top, right, bottom]))
    new Uint8Array(memory.buffer, ptr, image.width * image.height * 4).fill(0);
  for (const cell of cells)
    if (cell.tile !== null) kernel.placeTile(cell.tile, image, cell.left - left, cell.top - top);
  return { image, left, top };
}

function boxOfCells(cells: readonly MosaicCell[]): Bbox {
  return unite(cells.map(({ left, top, width, height }) => [left, top, left + width, top + height]));
}

function boxOfBlocks(blocks: readonly ControlBlock[], resampling: Resampling): Bbox {
  const boxes = blocks.flatMap((block) => {
    const [reachX, reachY] = blockReach(block, resampling);
    const box = boxAround(block.positions, 2 * reachX + PADDING, 2 * reachY + PADDING);
    return box === null ? [] : [box];
  });
  const [left, top, right, bottom] = unite(boxes);
  return [Math.floor(left), Math.floor(top), Math.ceil(right), Math.ceil(bottom)];
}

function unite(boxes: readonly Bbox[]): Bbox {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box[0]);
    top = Math.min(top, box[1]);
    right = Math.max(right, box[2]);
    bottom = Math.max(bottom, box[3]);
  }
  return [left, top, right, bottom];
}

function intersect(a: Bbox, b: Bbox): Bbox {
  return [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
}

/** Cells do not overlap: their shares of the box add up to it. */
function isCovered(cells: readonly MosaicCell[], box: Bbox): boolean {
  let area = 0;
  for (const { left, top, width, height, tile } of cells) {
    if (tile === null) continue;
    const [x0, y0, x1, y1] = intersect([left, top, left + width, top + height], box);
    area += Math.max(0, x1 - x0) * Math.max(0, y1 - y0);
  }
  return area === (box[2] - box[0]) * (box[3] - box[1]);
}
