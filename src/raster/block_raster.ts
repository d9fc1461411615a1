import { throwIfAborted, TilthError } from "../core/index.ts";
import { BlockCache } from "./block_cache.ts";
import type { BlockImage } from "./block_image.ts";
import { joinStatistics, NO_STATISTICS, type PixelStatistics } from "./geotiff/block_statistics.ts";
import { PixelMemory } from "./pixel_memory.ts";
import type { PixelRect, Raster, RasterInfo, RasterReadOptions, RasterStreamOptions, RasterWindow } from "./raster.ts";
import { valueRule, type ValueTarget } from "./value_rows.ts";
import { findValidity, type MaskedImage } from "./validity.ts";
import { listKeys, readBands } from "./window_reader.ts";
import { checkWindow, streamWindows } from "./window_requests.ts";

/** What a format gives: the image, then its overviews, each with the mask beside it. */
export interface BlockRasterParts {
  readonly info: RasterInfo;
  readonly images: readonly { readonly image: BlockImage; readonly mask: BlockImage | null }[];
  /** Decoded blocks that are kept, for each image. */
  readonly cacheBytes: number;
  readonly close: () => Promise<void>;
}

/** Blocks that are listed at once. */
const COUNTED_AT_ONCE = 4096;

/** A Raster over images of blocks. */
export class BlockRaster implements Raster {
  readonly info: RasterInfo;
  readonly #parts: BlockRasterParts;
  readonly #images: readonly MaskedImage[];
  #closed = false;

  constructor(parts: BlockRasterParts) {
    this.info = parts.info;
    this.#parts = parts;
    this.#images = parts.images.map(({ image, mask }) => ({
      image,
      mask,
      cache: new BlockCache(parts.cacheBytes),
      maskCache: new BlockCache(parts.cacheBytes / 8),
    }));
  }

  readWindow(rect: PixelRect, options: RasterReadOptions = {}): Promise<RasterWindow> {
    return this.#read(rect, options, options.memory);
  }

  listWindows(options: RasterStreamOptions = {}): AsyncGenerator<RasterWindow, void, undefined> {
    const memory = new PixelMemory();
    return streamWindows(this.info, options, async (rect) => {
      const window = await this.#read(rect, options, memory);
      return { ...window, release: () => memory.give(window.bands) };
    });
  }

  async #read(rect: PixelRect, options: RasterReadOptions, memory?: PixelMemory): Promise<RasterWindow> {
    if (this.#closed) throw new TilthError("argument.invalid", "the raster is closed: open it again to read from it");
    const { x, y, width, height } = rect;
    const bands = checkWindow(this.info, rect, options);
    const source = this.#images[options.overview === undefined ? 0 : options.overview + 1] as MaskedImage;
    throwIfAborted(options.signal);
    const wanted = options.validity === true;
    const isWhole = wanted && this.info.mask === "alpha";
    const pixels = await readBands(source.image, source.cache, rect, bands, options.signal, { memory, isWhole });
    const validity = wanted ? await findValidity(this.info, source, rect, bands, pixels, options.signal) : [];
    return { x, y, width, height, bands: pixels, validity };
  }

  /**
   * Statistics of every pixel of some bands, made where blocks are decoded; null where the format cannot, or a mask says what is data.
   * @param onBlock told of the pixels of each block and band
   */
  async countPixels(
    bands: readonly number[],
    onBlock: (pixels: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<PixelStatistics[] | null> {
    const { image } = this.#images[0] as MaskedImage;
    const { mask, width, height } = this.info;
    if (image.countBlocks === undefined || mask === "mask" || mask === "alpha") return null;
    const joined = this.info.bands.map(() => NO_STATISTICS);
    const nodata = this.info.bands.map((band) => band.nodata);
    const across = Math.ceil(width / image.block.width) * (image.isPlanar ? bands.length : 1);
    const rows = image.block.height * Math.max(1, Math.floor(COUNTED_AT_ONCE / across));
    for (let y = 0; y < height; y += rows) {
      const keys = [...listKeys(image, { x: 0, y, width, height: Math.min(rows, height - y) }, bands)];
      for await (const { key, bands: found } of image.countBlocks(keys, nodata, signal)) {
        found.forEach((one, i) => {
          const band = image.isPlanar ? key.plane : i;
          joined[band] = joinStatistics(joined[band] as PixelStatistics, one);
        });
        onBlock(image.block.width * image.block.height);
      }
    }
    return bands.map((band) => joined[band] as PixelStatistics);
  }

  /**
   * Values of a band in a window, into memory that threads share: decoded there, without a copy on this thread. Null where the format cannot, or where a mask says
   * what is data.
   */
  get placeValues():
    | ((band: number, rect: PixelRect, target: ValueTarget, signal?: AbortSignal) => Promise<void>)
    | null {
    const { image } = this.#images[0] as MaskedImage;
    const { mask } = this.info;
    if (image.placeValues === undefined || mask === "mask" || mask === "alpha") return null;
    return async (band, rect, target, signal) => {
      checkWindow(this.info, rect, { bands: [band] });
      throwIfAborted(signal);
      await image.placeValues?.({ rect, band, rule: valueRule(this.info, band), target }, signal);
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { cache, maskCache } of this.#images) {
      cache.clear();
      maskCache.clear();
    }
    await this.#parts.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
