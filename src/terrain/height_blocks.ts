import type { PixelRect, Raster } from "../raster/index.ts";
import type { HeightBlock } from "./height_block.ts";
import { listHeightStrips } from "./height_strips.ts";
import { blockRows, hasOwnMask, windowPutter } from "./strip_filler.ts";

/** Whole rows of a raster, with the row above and below. */
export interface RowBlock extends HeightBlock {
  /** Row of the raster. */
  readonly y: number;
}

/** A block to be given back when nobody looks at it any more. */
export interface LentBlock {
  readonly block: RowBlock;
  readonly release: () => void;
}

/** A raster's heights from the top to the bottom, in memory that threads share. @param band index from 0 @throws what reading the raster throws */
export async function* listHeightBlocks(
  raster: Raster,
  band: number,
  signal?: AbortSignal,
): AsyncGenerator<LentBlock, void, undefined> {
  const spares: SharedArrayBuffer[] = [];
  const stride = raster.info.width + 2;
  const rows = blockRows(raster);
  for await (const { width, height, heights, y } of listHeightStrips(raster, band, spares, signal)) {
    let lent = Math.ceil(height / rows);
    const release = (): void => {
      if (--lent === 0) spares.push(heights.buffer);
    };
    for (let top = 0; top < height; top += rows) {
      const count = Math.min(rows, height - top);
      const part = heights.subarray(top * stride, (top + count + 2) * stride);
      yield { block: { width, height: count, heights: part, y: y + top }, release };
    }
  }
}

/** The heights of a window and of the cells around it. @throws what `Raster.readWindow` throws */
export async function readHeightBlock(
  raster: Raster,
  band: number,
  { x, y, width, height }: PixelRect,
  signal?: AbortSignal,
): Promise<RowBlock & { readonly heights: Float32Array<ArrayBuffer> }> {
  const { info } = raster;
  const [left, top] = [Math.max(0, x - 1), Math.max(0, y - 1)];
  const right = Math.min(info.width, x + width + 1);
  const rect = { x: left, y: top, width: right - left, height: Math.min(info.height, y + height + 1) - top };
  const window = await raster.readWindow(rect, { bands: [band], validity: hasOwnMask(raster), signal });
  const heights = new Float32Array((width + 2) * (height + 2)).fill(Number.NaN);
  const put = windowPutter(raster, band, width + 2);
  put(window, { from: 0, count: rect.height }, heights, (top - y + 1) * (width + 2) + left - x + 1);
  return { width, height, heights, y };
}
