import type { Raster } from "../raster/index.ts";
import { listHeightBlocks } from "./height_blocks.ts";

/** The lowest and the highest height of a raster; null when it has none. @param band index from 0 */
export async function readHeightRange(
  raster: Raster,
  band: number,
  signal?: AbortSignal,
): Promise<[low: number, high: number] | null> {
  let [low, high] = [Infinity, -Infinity];
  for await (const { width, height, heights } of listHeightBlocks(raster, band, signal))
    for (let y = 1; y <= height; y++)
      for (let at = y * (width + 2) + 1; at <= y * (width + 2) + width; at++) {
        const value = heights[at] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
  return low > high ? null : [low, high];
}
