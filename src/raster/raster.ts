import type { Crs } from "../crs/index.ts";
import type { PixelMemory } from "./pixel_memory.ts";
import type { PixelArray, PixelType } from "./pixel_type.ts";

/**
 * From pixels to the CRS: `x = a * column + b * row + c`, `y = d * column + e * row + f`, x east or longitude first whatever the authority's order.
 * Columns and rows count from the outer corner of the first pixel (0, 0 = upper left corner of the image; its middle is 0.5, 0.5), also where the
 * file itself speaks of the pixels' middles (pixelIsPoint). North up: `a > 0`, `e < 0`, `b = d = 0`. GDAL's order of the same is c, a, b, f, d, e.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export type ColorInterpretation = "gray" | "palette" | "red" | "green" | "blue" | "alpha" | "undefined";

export interface BandInfo {
  readonly type: PixelType;
  /** Empty where the file gives none. */
  readonly description: string;
  /** Pixels of this value are no data (NaN: those that are NaN). A value that the type cannot hold marks nothing. Null where the file gives none. */
  readonly nodata: number | null;
  /** The quantity is `pixel * scale + offset`. */
  readonly scale: number;
  readonly offset: number;
  /** Of the quantity, as the file writes it; empty where it does not. */
  readonly unit: string;
  readonly color: ColorInterpretation;
}

/** A part of the image that is stored, read and decoded as one; those at the right and lower edge are cut to the image. */
export interface BlockSize {
  readonly width: number;
  readonly height: number;
}

/** The same image in fewer pixels. */
export interface OverviewInfo {
  readonly width: number;
  readonly height: number;
  readonly block: BlockSize;
}

/** What tells which pixels are data: a value, a mask of its own within the file, a band of opacity. */
export type MaskKind = "none" | "nodata" | "mask" | "alpha";

export interface RasterInfo {
  /** `GeoTIFF`, `TIFF`, `ESRI ASCII grid`, `PNG`, `JPEG`, `SRTM HGT`. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** One or more. */
  readonly bands: readonly BandInfo[];
  /** Null where the file names none, or one that cannot be computed here: `crsNote` says which. */
  readonly crs: Crs | null;
  /** What was found about the CRS, in words: `EPSG:32632`, or why `crs` is null. */
  readonly crsNote: string;
  /** Null where no single affine holds: no place at all, or ground control points; `placeNote` says which. */
  readonly affine: Affine | null;
  readonly placeNote: string;
  /** What the file itself says its pixels are. `affine` speaks of corners in both cases. */
  readonly pixelIs: "area" | "point";
  readonly block: BlockSize;
  /** From large to small. */
  readonly overviews: readonly OverviewInfo[];
  readonly mask: MaskKind;
  /** Red, green, blue, alpha (0..255) of each value of the first band; null without a palette. */
  readonly palette: Uint8Array | null;
  /** `none`, `LZW`, `Deflate` ... */
  readonly compression: string;
  /** What else the file says of the image, by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Pixels of the image, or of the overview that is read: columns from the left, rows from the top. */
export interface PixelRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface RasterReadOptions {
  /** Indices from 0, in the order wanted. @default all */
  bands?: readonly number[];
  /** Index into `info.overviews`; the window then counts the overview's pixels. @default the image itself */
  overview?: number;
  /** Also says which pixels are data. @default false */
  validity?: boolean;
  signal?: AbortSignal;
  /** Where the memory of the window is taken from; whoever reads may give it back there when the window is done with. @default new memory */
  memory?: PixelMemory;
}

export interface RasterWindow extends PixelRect {
  /** One array of `width * height` for each band asked for, of the band's type; scale and offset are not applied. */
  readonly bands: readonly PixelArray[];
  /**
   * For each of `bands`, 1 for data and 0 for none, of each pixel; null where all are data. Bands may share one array. By `info.mask`: nodata of
   * the band itself, or the mask or opacity (0 is none) of all. Empty unless asked for.
   */
  readonly validity: readonly (Uint8Array | null)[];
  /** Of a stream: to be called when nobody looks at `bands` any more, so that the next windows are read into their memory. Who does not call it leaves them to the collector. */
  readonly release?: () => void;
}

export interface RasterStreamOptions extends RasterReadOptions {
  /**
   * `strips`: whole rows from top to bottom, `rows` at once. `blocks`: the file's own blocks, row by row of them.
   * @default "strips"
   */
  by?: "strips" | "blocks";
  /** Rows of a strip, best a multiple of the block's. @default one row of blocks */
  rows?: number;
  /** Decoded bytes that may wait ahead of the reader; one window is always read ahead. @default 16 MiB */
  aheadBytes?: number;
}

/**
 * An image of any size in many bands, and where it lies. It knows nothing of tiles. Reading holds the window, and the blocks that it lies in;
 * calls may run at the same time, and those of one raster share its threads.
 */
export interface Raster extends AsyncDisposable {
  readonly info: RasterInfo;
  /**
   * @throws `argument.invalid` for a window that is empty or leaves the image, and for a band or overview that is not there; `raster.damaged`,
   * `raster.truncated`, `raster.unsupported`, `raster.tooLarge`
   */
  readWindow(rect: PixelRect, options?: RasterReadOptions): Promise<RasterWindow>;
  /** Windows that cover the image once, in order, a bounded number read ahead. Leaving the loop stops it. @throws as `readWindow` */
  listWindows(options?: RasterStreamOptions): AsyncGenerator<RasterWindow, void, undefined>;
  close(): Promise<void>;
}
