import {
  canHold,
  type PixelArray,
  type PixelRect,
  type Raster,
  type RasterInfo,
  type RasterWindow,
} from "../raster/index.ts";
import type { HeightBlock } from "./height_block.ts";

/** Cells of a block: enough that a thread is worth its call, few enough that a handful lies in memory (4 MB). */
const BLOCK_CELLS = 1_048_576;
/** Cells of a strip that is read: a row of the file's blocks where they are not larger. */
const STRIP_CELLS = 8_388_608;

/** Whole rows of a raster, with the row above and below. */
export interface RowBlock extends HeightBlock {
  /** Row of the raster. */
  readonly y: number;
  readonly heights: Float32Array<ArrayBuffer>;
}

/** A raster's heights from the top to the bottom. @param band index from 0 @throws what `Raster.listWindows` throws */
export async function* listHeightBlocks(
  raster: Raster,
  band: number,
  signal?: AbortSignal,
  spares: ArrayBuffer[] = [],
): AsyncGenerator<RowBlock, void, undefined> {
  const { width, height, block } = raster.info;
  const rows = Math.max(1, Math.min(Math.floor(BLOCK_CELLS / width), height));
  const stripRows = Math.max(
    1,
    Math.min(Math.floor(STRIP_CELLS / width), block.height * Math.ceil(rows / block.height)),
  );
  const put = rowPutter(raster.info, band);
  const start = (y: number): RowBlock => startBlock(width, Math.min(rows, height - y), y, spares);
  let next = start(0);
  const validity = hasOwnMask(raster.info);
  const windows = raster.listWindows({ by: "strips", rows: stripRows, bands: [band], validity, signal });
  for await (const window of windows) {
    for (let row = 0; row < window.height; row++) {
      const y = window.y + row;
      put(window, row, next.heights, (y - next.y + 1) * (width + 2) + 1);
      // The first row below the block is the last that it needs, and the second that the one after it does.
      if (y !== next.y + next.height) continue;
      const done = next;
      next = start(done.y + done.height);
      next.heights.set(done.heights.subarray((width + 2) * done.height, (width + 2) * (done.height + 2)));
      yield done;
    }
    window.release?.();
  }
  yield next;
}

/** The heights of a window and of the cells around it. @throws what `Raster.readWindow` throws */
export async function readHeightBlock(
  raster: Raster,
  band: number,
  { x, y, width, height }: PixelRect,
  signal?: AbortSignal,
): Promise<RowBlock> {
  const { info } = raster;
  const [left, top] = [Math.max(0, x - 1), Math.max(0, y - 1)];
  const right = Math.min(info.width, x + width + 1);
  const rect = { x: left, y: top, width: right - left, height: Math.min(info.height, y + height + 1) - top };
  const window = await raster.readWindow(rect, { bands: [band], validity: hasOwnMask(info), signal });
  const put = rowPutter(info, band);
  const block = startBlock(width, height, y, []);
  for (let row = 0; row < rect.height; row++)
    put(window, row, block.heights, (top + row - y + 1) * (width + 2) + left - x + 1);
  return block;
}

/** NaN around the window; what is within has to be written. */
function startBlock(width: number, height: number, y: number, spares: ArrayBuffer[]): RowBlock {
  const cells = (width + 2) * (height + 2);
  const spare = spares.pop();
  // The last block is lower than the others.
  const heights =
    spare !== undefined && spare.byteLength >= 4 * cells ? new Float32Array(spare, 0, cells) : new Float32Array(cells);
  heights.fill(Number.NaN, 0, width + 2);
  heights.fill(Number.NaN, cells - width - 2);
  for (let at = width + 1; at + 1 < cells; at += width + 2) heights[at] = heights[at + 1] = Number.NaN;
  return { width, height, heights, y };
}

/** Nodata is told by the values themselves, in the pass that turns them into heights. */
function hasOwnMask({ mask }: RasterInfo): boolean {
  return mask === "mask" || mask === "alpha";
}

type PutRow = (window: RasterWindow, row: number, heights: Float32Array, at: number) => void;

/** Puts a row of a window into a block as heights: NaN where there is none. */
function rowPutter(info: RasterInfo, band: number): PutRow {
  const { scale = 1, offset = 0, nodata = null, type = "float32" } = info.bands[band] ?? {};
  const marked = info.mask === "nodata" && nodata !== null && canHold(type, nodata) ? nodata : Number.NaN;
  const isPlain = scale === 1 && offset === 0;
  return ({ bands, validity, width }, row, heights, at) => {
    const pixels = (bands[0] as PixelArray).subarray(row * width, (row + 1) * width);
    if (isPlain) heights.set(pixels, at);
    else for (let i = 0; i < width; i++) heights[at + i] = (pixels[i] as number) * scale + offset;
    if (!Number.isNaN(marked)) hideMarked(pixels, marked, heights, at);
    const valid = validity[0] ?? null;
    if (valid !== null) for (let i = 0; i < width; i++) if (valid[row * width + i] === 0) heights[at + i] = Number.NaN;
  };
}

function hideMarked(pixels: PixelArray, nodata: number, heights: Float32Array, at: number): void {
  const marked = pixels instanceof Float32Array ? Math.fround(nodata) : nodata;
  for (let i = 0; i < pixels.length; i++) if (pixels[i] === marked) heights[at + i] = Number.NaN;
}
