import sharp from "sharp";
import { openStore } from "../../../src/store/index.ts";

/** A piece of a level's plane of pixels: its origin is the upper left corner of tile 0/0. */
export interface PixelWindow {
  z: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

const TILE = 256;

/** Red, green, blue of a window, put together from the tiles as they are in a file; white where there is none. */
export async function readMosaic(path: string, { z, left, top, width, height }: PixelWindow): Promise<Buffer> {
  const parts: { input: Buffer; left: number; top: number }[] = [];
  const store = await openStore(path, { mode: "read" });
  try {
    for (let y = Math.floor(top / TILE); y * TILE < top + height; y++)
      for (let x = Math.floor(left / TILE); x * TILE < left + width; x++) {
        const found = await store.find({ z, x, y });
        if (found?.data) parts.push({ input: Buffer.from(found.data), left: x * TILE - left, top: y * TILE - top });
      }
  } finally {
    await store.close();
  }
  // A rim of a tile around it, because a part may begin left of the window.
  const size = { width: width + 2 * TILE, height: height + 2 * TILE };
  const placed = parts.map((part) => ({ ...part, left: part.left + TILE, top: part.top + TILE }));
  const whole = await sharp({ create: { ...size, channels: 3, background: "white" } })
    .composite(placed)
    .png()
    .toBuffer();
  return sharp(whole).extract({ left: TILE, top: TILE, width, height }).removeAlpha().raw().toBuffer();
}

/** Pixels that differ by more than `tolerance` of 255 in a band; of a picture (PNG) against red, green, blue. */
export async function countOtherPixels(picture: Buffer, expected: Buffer, tolerance: number): Promise<number> {
  const pixels = await sharp(picture).removeAlpha().raw().toBuffer();
  if (pixels.length !== expected.length)
    throw new Error(`expected a picture of ${expected.length / 3} pixels, got ${pixels.length / 3}`);
  let count = 0;
  for (let i = 0; i < pixels.length; i += 3)
    if ([0, 1, 2].some((band) => Math.abs((pixels[i + band] ?? 0) - (expected[i + band] ?? 0)) > tolerance)) count += 1;
  return count;
}
