import type { Raster } from "../raster/index.ts";
import type { HeightStrip } from "./height_block.ts";
import { stripFiller } from "./strip_filler.ts";

/**
 * A raster's heights from the top to the bottom, NaN around the raster and where there is no height. A strip may be changed, and its memory is used again when it was
 * pushed to `spares`.
 * @param band index from 0
 * @throws what reading the raster throws
 */
export async function* listHeightStrips(
  raster: Raster,
  band: number,
  spares: SharedArrayBuffer[],
  signal?: AbortSignal,
): AsyncGenerator<HeightStrip, void, undefined> {
  const { width, height } = raster.info;
  const { rows, isEarly, fill, end } = stripFiller(raster, band, signal);
  const read = async (y: number): Promise<HeightStrip> => {
    const strip = startStrip(width, Math.min(rows, height - y), y, spares);
    await fill(strip);
    return strip;
  };
  let coming: Promise<HeightStrip> | null = null;
  try {
    for (let strip: HeightStrip | null = await read(0); strip !== null;) {
      const below: number = strip.y + strip.height;
      const next: HeightStrip | null = below < height ? await (coming ?? read(below)) : null;
      const after: number = next === null ? height : next.y + next.height;
      coming = isEarly && after < height ? read(after) : null;
      // Told when its turn comes; until then it must not count as unhandled.
      coming?.catch(() => undefined);
      if (next !== null) shareRows(strip, next);
      yield strip;
      strip = next;
    }
  } finally {
    await Promise.allSettled([coming]);
    await end();
  }
}

/**
 * In front of the heights: the first cell of the raster in each row then lies as it does in a block of a file and in the memory of the kernels, to 8 bytes. Memory
 * that is shared is copied at 15 GB/s then, else byte by byte at 1 to 3.
 */
const FRONT_BYTES = 4;

/** NaN around the rows; what is within has to be written. */
function startStrip(width: number, height: number, y: number, spares: SharedArrayBuffer[]): HeightStrip {
  const cells = (width + 2) * (height + 2);
  const spare = spares.pop();
  // The last strip is lower than the others.
  const sizeBytes = FRONT_BYTES + 4 * cells;
  const memory = spare !== undefined && spare.byteLength >= sizeBytes ? spare : new SharedArrayBuffer(sizeBytes);
  const heights = new Float32Array(memory, FRONT_BYTES, cells);
  heights.fill(Number.NaN, 0, width + 2);
  heights.fill(Number.NaN, cells - width - 2);
  for (let at = width + 1; at + 1 < cells; at += width + 2) heights[at] = heights[at + 1] = Number.NaN;
  return { width, height, heights, y };
}

/** The row below a strip is the first of the next one, and the one above that the last of this. */
function shareRows(strip: HeightStrip, next: HeightStrip): void {
  const stride = strip.width + 2;
  strip.heights.set(next.heights.subarray(stride, 2 * stride), stride * (strip.height + 1));
  next.heights.set(strip.heights.subarray(stride * strip.height, stride * (strip.height + 1)), 0);
}
