import type { PixelArray, PixelRect, Raster, RasterWindow } from "../raster/index.ts";
import { emptyBlock, type HeightBlock } from "./height_block.ts";

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
): AsyncGenerator<RowBlock, void, undefined> {
  const { width, height, block } = raster.info;
  const rows = Math.max(1, Math.min(Math.floor(BLOCK_CELLS / width), height));
  const stripRows = Math.max(
    1,
    Math.min(Math.floor(STRIP_CELLS / width), block.height * Math.ceil(rows / block.height)),
  );
  const { scale, offset } = raster.info.bands[band] ?? { scale: 1, offset: 0 };
  let next = startBlock(width, height, 0, rows);
  const windows = raster.listWindows({ by: "strips", rows: stripRows, bands: [band], validity: true, signal });
  for await (const window of windows) {
    const heights = heightsOf(window, scale, offset);
    for (let row = 0; row < window.height; row++) {
      const y = window.y + row;
      const line = heights.subarray(row * width, (row + 1) * width);
      putRow(next, y, line);
      // The first row below the block is the last that it needs, and the second that the one after it does.
      if (y !== next.y + next.height) continue;
      const done = next;
      next = startBlock(width, height, done.y + done.height, rows);
      next.heights.set(done.heights.subarray((width + 2) * done.height, (width + 2) * (done.height + 1)));
      putRow(next, y, line);
      yield done;
    }
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
  const window = await raster.readWindow(rect, { bands: [band], validity: true, signal });
  const { scale, offset } = info.bands[band] ?? { scale: 1, offset: 0 };
  const heights = heightsOf(window, scale, offset);
  const block = emptyBlock(width, height);
  for (let row = 0; row < rect.height; row++) {
    const line = heights.subarray(row * rect.width, (row + 1) * rect.width);
    block.heights.set(line, (top + row - y + 1) * (width + 2) + left - x + 1);
  }
  return { ...block, heights: block.heights as Float32Array<ArrayBuffer>, y };
}

function startBlock(width: number, height: number, y: number, rows: number): RowBlock {
  const block = emptyBlock(width, Math.min(rows, height - y));
  return { ...block, heights: block.heights as Float32Array<ArrayBuffer>, y };
}

function putRow({ width, heights, y: first }: RowBlock, y: number, line: Float32Array): void {
  heights.set(line, (y - first + 1) * (width + 2) + 1);
}

/** NaN where there is no height. */
function heightsOf({ bands, validity }: RasterWindow, scale: number, offset: number): Float32Array {
  const pixels = bands[0] as PixelArray;
  const isValid = validity[0] ?? null;
  const isPlain = scale === 1 && offset === 0;
  if (isPlain && isValid === null && pixels instanceof Float32Array) return pixels;
  const heights = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++)
    heights[i] = isValid !== null && isValid[i] === 0 ? Number.NaN : (pixels[i] as number) * scale + offset;
  return heights;
}
