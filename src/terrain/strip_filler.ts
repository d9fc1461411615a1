import { BlockRaster, putValues, valueRule, type PixelArray, type Raster, type RasterWindow } from "../raster/index.ts";
import type { HeightStrip } from "./height_block.ts";

/** Cells of a block: enough that a thread is worth its call, few enough that a handful lies in memory (4 MB). */
const BLOCK_CELLS = 1_048_576;
/** Cells of a strip that threads fill, at most (16 MB, three of them at once): a row of the file's blocks. */
const STRIP_CELLS = 4_194_304;
/** Cells of a window that others are filled from, at most (24 MB, two or three of them at once). */
const WINDOW_CELLS = 6_291_456;
/** Cells of a strip that threads fill while the ones before it are worked on: larger ones would take 16 MB more. */
const EARLY_CELLS = 2_097_152;

/** Rows of a block for a thread, at most. */
export function blockRows({ info: { width, height } }: Raster): number {
  return Math.max(1, Math.min(Math.floor(BLOCK_CELLS / width), height));
}

/** As few rows of the file's blocks as have the rows of a block for a thread. */
function alignedRows(raster: Raster): number {
  const { height, block } = raster.info;
  return Math.min(height, block.height * Math.ceil(blockRows(raster) / block.height));
}

/** Puts heights into strips. */
export interface StripFiller {
  /** Of a strip; the last one may have less. */
  readonly rows: number;
  /** The next strip is filled while the ones before it are worked on. */
  readonly isEarly: boolean;
  /** Strips come in order. */
  readonly fill: (strip: HeightStrip) => Promise<void>;
  /** No more will come. */
  readonly end: () => Promise<void>;
}

/** On the threads that decode the blocks where that is possible, and where no block lies in two strips: it would be decoded for each. */
export function stripFiller(raster: Raster, band: number, signal: AbortSignal | undefined): StripFiller {
  const place = raster instanceof BlockRaster ? raster.placeValues : null;
  const rows = alignedRows(raster);
  if (place === null || rows * raster.info.width > STRIP_CELLS) return windowFiller(raster, band, signal);
  const fill = ({ width, y, height, heights }: HeightStrip): Promise<void> =>
    place(band, { x: 0, y, width, height }, { values: heights, at: width + 3, stride: width + 2 }, signal);
  return { rows, isEarly: rows * raster.info.width <= EARLY_CELLS, fill, end: () => Promise.resolve() };
}

/** Out of windows that may hold many strips. */
function windowFiller(raster: Raster, band: number, signal: AbortSignal | undefined): StripFiller {
  const validity = hasOwnMask(raster);
  const windows = raster.listWindows({ by: "strips", rows: windowRows(raster), bands: [band], validity, signal });
  const put = windowPutter(raster, band);
  let window: RasterWindow | null = null;
  const fill = async ({ width, y, height, heights }: HeightStrip): Promise<void> => {
    for (let row = y; row < y + height;) {
      if (window === null || row === window.y + window.height) {
        window?.release?.();
        window = (await windows.next()).value as RasterWindow;
      }
      const count = Math.min(y + height, window.y + window.height) - row;
      put(window, { from: row - window.y, count }, heights, (row - y + 1) * (width + 2) + 1);
      row += count;
    }
  };
  // Windows are read ahead already.
  return { rows: blockRows(raster), isEarly: false, fill, end: async () => void (await windows.return()) };
}

/** Nodata is told by the values themselves, in the pass that turns them into heights. */
export function hasOwnMask({ info: { mask } }: Raster): boolean {
  return mask === "mask" || mask === "alpha";
}

/** A row of the file's blocks, or an equal part of it: no block is decoded more often than it has to be. */
function windowRows(raster: Raster): number {
  const { width, block } = raster.info;
  const most = Math.max(1, Math.floor(WINDOW_CELLS / width));
  const aligned = alignedRows(raster);
  return aligned <= most ? aligned : Math.ceil(block.height / Math.ceil(block.height / most));
}

interface WindowRows {
  readonly from: number;
  readonly count: number;
}

type PutRows = (window: RasterWindow, rows: WindowRows, heights: Float32Array, at: number) => void;

/** Puts rows of a window of one band as heights, NaN where there is none: the first at `at`, each `stride` further. @default stride that of a strip as wide */
export function windowPutter({ info }: Raster, band: number, stride: number = info.width + 2): PutRows {
  const rule = valueRule(info, band);
  return ({ bands, validity, width }, { from, count }, heights, at) => {
    const valid = validity[0] ?? null;
    for (let row = from, to = at; row < from + count; row++, to += stride) {
      putValues((bands[0] as PixelArray).subarray(row * width, (row + 1) * width), rule, heights, to);
      if (valid !== null)
        for (let i = 0; i < width; i++) if (valid[row * width + i] === 0) heights[to + i] = Number.NaN;
    }
  };
}
