import { throwIfAborted, TilthError } from "../core/index.ts";
import { PixelMemory } from "./pixel_memory.ts";
import type { PixelArray } from "./pixel_type.ts";
import type {
  BandInfo,
  PixelRect,
  Raster,
  RasterInfo,
  RasterReadOptions,
  RasterStreamOptions,
  RasterWindow,
} from "./raster.ts";
import { validByNodata } from "./validity.ts";
import { checkWindow, streamWindows } from "./window_requests.ts";

/** A window that is there to be computed: within the image or overview, of bands that exist. */
export interface ComputeRequest {
  readonly rect: PixelRect;
  /** Indices from 0. */
  readonly bands: readonly number[];
  readonly overview: number | undefined;
  readonly validity: boolean;
  readonly signal: AbortSignal | undefined;
  /** Where the memory of pixels may be taken from. */
  readonly memory: PixelMemory;
}

export interface ComputedPixels {
  /** One for each band asked for, of the band's type. */
  readonly bands: readonly PixelArray[];
  /** As in `RasterWindow`; for `info.mask` of "nodata" it is found by the values. */
  readonly validity?: readonly (Uint8Array | null)[];
}

export interface ComputedRasterParts {
  readonly info: RasterInfo;
  readonly compute: (request: ComputeRequest) => Promise<ComputedPixels>;
  /** Of what is the raster's own: threads, and rasters that it was given for good. */
  readonly close?: () => Promise<void>;
}

/** A Raster whose windows are computed when they are read: nothing of it is stored. */
export class ComputedRaster implements Raster {
  readonly info: RasterInfo;
  readonly #parts: ComputedRasterParts;
  #closed = false;

  constructor(parts: ComputedRasterParts) {
    this.info = parts.info;
    this.#parts = parts;
  }

  async readWindow(rect: PixelRect, options: RasterReadOptions = {}): Promise<RasterWindow> {
    if (this.#closed) throw new TilthError("argument.invalid", "the raster is closed: open it again to read from it");
    const bands = checkWindow(this.info, rect, options);
    throwIfAborted(options.signal);
    const { overview, validity = false, signal, memory = new PixelMemory() } = options;
    const pixels = await this.#parts.compute({ rect, bands, overview, validity, signal, memory });
    return { ...rect, bands: pixels.bands, validity: validity ? this.#validityOf(bands, pixels) : [] };
  }

  listWindows(options: RasterStreamOptions = {}): AsyncGenerator<RasterWindow, void, undefined> {
    const memory = new PixelMemory();
    return streamWindows(this.info, options, async (rect) => {
      const window = await this.readWindow(rect, { ...options, memory });
      return { ...window, release: () => memory.give(window.bands) };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#parts.close?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #validityOf(bands: readonly number[], pixels: ComputedPixels): readonly (Uint8Array | null)[] {
    if (this.info.mask !== "nodata") return pixels.validity ?? bands.map(() => null);
    return bands.map((band, i) => {
      const { nodata, type } = this.info.bands[band] as BandInfo;
      return validByNodata(pixels.bands[i] as PixelArray, nodata, type);
    });
  }
}
