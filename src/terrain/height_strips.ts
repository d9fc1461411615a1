import { BlockRaster, putValues, valueRule, type PixelArray, type Raster, type RasterWindow } from "../raster/index.ts";

/** Cells of a block: enough that a thread is worth its call, few enough that a handful lies in memory (4 MB). */
export const BLOCK_CELLS = 1_048_576;
/** Cells of a strip that is read: a row of the file's blocks where they are not larger. */
const STRIP_CELLS = 8_388_608;
/** Cells of a strip that is read while the ones before it are worked on: larger ones would take 30 MB each. */
const EARLY_CELLS = 2_097_152;

/** Whole rows of heights in memory that threads share, with what lies around them: as `HeightBlock`, with `y`, its row of the raster. */
export interface HeightStrip {
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly heights: Float32Array<SharedArrayBuffer>;
}

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
  const rows = stripRows(raster);
  const fill = stripFiller(raster, band, rows, signal);
  const read = async (y: number): Promise<HeightStrip> => {
    const strip = startStrip(width, Math.min(rows, height - y), y, spares);
    await fill(strip);
    return strip;
  };
  const isEarly = rows * width <= EARLY_CELLS;
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
  }
}

function stripRows({ info: { width, height, block } }: Raster): number {
  const rows = Math.max(1, Math.floor(BLOCK_CELLS / width));
  const most = Math.max(1, Math.floor(STRIP_CELLS / width));
  return Math.min(height, most, block.height * Math.ceil(rows / block.height));
}

/** NaN around the rows; what is within has to be written. */
function startStrip(width: number, height: number, y: number, spares: SharedArrayBuffer[]): HeightStrip {
  const cells = (width + 2) * (height + 2);
  const spare = spares.pop();
  // The last strip is lower than the others.
  const memory = spare !== undefined && spare.byteLength >= 4 * cells ? spare : new SharedArrayBuffer(4 * cells);
  const heights = new Float32Array(memory, 0, cells);
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

/** On the threads that decode the blocks where that is possible, and where no block lies in two strips: it would be decoded for each. */
function stripFiller(raster: Raster, band: number, rows: number, signal: AbortSignal | undefined) {
  const { info } = raster;
  const place = raster instanceof BlockRaster ? raster.placeValues : null;
  if (place !== null && (rows === info.height || rows % info.block.height === 0))
    return ({ width, y, height, heights }: HeightStrip): Promise<void> =>
      place(band, { x: 0, y, width, height }, { values: heights, at: width + 3, stride: width + 2 }, signal);
  const windows = raster.listWindows({ by: "strips", rows, bands: [band], validity: hasOwnMask(raster), signal });
  const put = windowPutter(raster, band);
  return async ({ width, heights }: HeightStrip): Promise<void> => {
    const { value: window } = await windows.next();
    if (window === undefined) return;
    put(window, heights, width + 3, width + 2);
    window.release?.();
  };
}

/** Nodata is told by the values themselves, in the pass that turns them into heights. */
export function hasOwnMask({ info: { mask } }: Raster): boolean {
  return mask === "mask" || mask === "alpha";
}

type PutWindow = (window: RasterWindow, heights: Float32Array, at: number, stride: number) => void;

/** Puts a window of one band as heights: NaN where there is none. */
export function windowPutter({ info }: Raster, band: number): PutWindow {
  const rule = valueRule(info, band);
  return ({ bands, validity, width, height }, heights, at, stride) => {
    const valid = validity[0] ?? null;
    for (let row = 0; row < height; row++) {
      const to = at + row * stride;
      putValues((bands[0] as PixelArray).subarray(row * width, (row + 1) * width), rule, heights, to);
      if (valid !== null)
        for (let i = 0; i < width; i++) if (valid[row * width + i] === 0) heights[to + i] = Number.NaN;
    }
  };
}
