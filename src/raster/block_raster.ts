import { inOrder } from "../concurrency/index.ts";
import { throwIfAborted, TilthError } from "../core/index.ts";
import { BlockCache } from "./block_cache.ts";
import type { BlockImage } from "./block_image.ts";
import { bytesPerPixel } from "./pixel_type.ts";
import { tooLarge } from "./raster_errors.ts";
import type { PixelRect, Raster, RasterInfo, RasterReadOptions, RasterStreamOptions, RasterWindow } from "./raster.ts";
import { findValidity, type MaskedImage } from "./validity.ts";
import { readBands } from "./window_reader.ts";

/** What a format gives: the image, then its overviews, each with the mask beside it. */
export interface BlockRasterParts {
  readonly info: RasterInfo;
  readonly images: readonly { readonly image: BlockImage; readonly mask: BlockImage | null }[];
  /** Decoded blocks that are kept, for each image. */
  readonly cacheBytes: number;
  readonly close: () => Promise<void>;
}

/** Bytes of one window at most, all its bands together. */
const MAX_WINDOW_BYTES = 2 ** 31;
const AHEAD_BYTES = 64 * 1024 * 1024;
const MAX_AHEAD = 32;

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

  async readWindow(rect: PixelRect, options: RasterReadOptions = {}): Promise<RasterWindow> {
    const { x, y, width, height } = rect;
    const { source, bands } = this.#check(rect, options);
    throwIfAborted(options.signal);
    const pixels = await readBands(source.image, source.cache, rect, bands, options.signal);
    const wanted = options.validity === true;
    const validity = wanted ? await findValidity(this.info, source, rect, bands, pixels, options.signal) : [];
    return { x, y, width, height, bands: pixels, validity };
  }

  async *listWindows(options: RasterStreamOptions = {}): AsyncGenerator<RasterWindow, void, undefined> {
    const { image } = this.#imageOf(options.overview);
    const block = options.by === "blocks" ? image.block : { width: image.width, height: rowsOf(image, options.rows) };
    const bands = options.bands?.length ?? image.bandCount;
    const windowBytes = Math.min(block.width, image.width) * block.height * bands * bytesPerPixel(image.type);
    const most = Math.floor((options.aheadBytes ?? AHEAD_BYTES) / windowBytes);
    const ahead = Math.min(MAX_AHEAD, Math.max(1, most));
    const read = (rect: PixelRect): Promise<RasterWindow> => this.readWindow(rect, options);
    yield* inOrder(listRects(image, block), ahead + 1, read, options.signal);
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

  #check(
    rect: PixelRect,
    { overview, bands: wanted }: RasterReadOptions,
  ): { source: MaskedImage; bands: readonly number[] } {
    if (this.#closed) throw new TilthError("argument.invalid", "the raster is closed: open it again to read from it");
    const source = this.#imageOf(overview);
    const bands = wanted ?? Array.from({ length: source.image.bandCount }, (_, i) => i);
    const wrong = bands.find((band) => !Number.isInteger(band) || band < 0 || band >= source.image.bandCount);
    if (wrong !== undefined || bands.length === 0)
      throw new TilthError(
        "argument.invalid",
        `expected bands of 0 to ${source.image.bandCount - 1}, got '${bands.join(", ")}'`,
      );
    expectInside(source.image, rect);
    const sizeBytes = rect.width * rect.height * bands.length * bytesPerPixel(source.image.type);
    if (sizeBytes > MAX_WINDOW_BYTES)
      throw tooLarge(`a window of ${sizeBytes} bytes was asked for, ${MAX_WINDOW_BYTES} at most: read it in parts`);
    return { source, bands };
  }

  #imageOf(overview: number | undefined): MaskedImage {
    const index = overview === undefined ? 0 : overview + 1;
    const source = overview !== undefined && overview < 0 ? undefined : this.#images[index];
    if (source !== undefined) return source;
    throw new TilthError("argument.invalid", `expected one of ${this.#images.length - 1} overviews, got ${overview}`);
  }
}

function rowsOf(image: BlockImage, rows: number | undefined): number {
  if (rows !== undefined && !(Number.isInteger(rows) && rows >= 1))
    throw new TilthError("argument.invalid", `expected rows of 1 or more, got ${rows}`);
  return Math.min(rows ?? image.block.height, image.height);
}

function expectInside(image: BlockImage, { x, y, width, height }: PixelRect): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= image.width && y + height <= image.height)
    return;
  throw new TilthError(
    "argument.invalid",
    `expected a window within ${image.width} x ${image.height} pixels, got ${width} x ${height} at ${x}, ${y}`,
    { fields: { x, y, width, height } },
  );
}

function* listRects(image: BlockImage, block: { width: number; height: number }): Generator<PixelRect> {
  for (let y = 0; y < image.height; y += block.height)
    for (let x = 0; x < image.width; x += block.width) {
      const width = Math.min(block.width, image.width - x);
      yield { x, y, width, height: Math.min(block.height, image.height - y) };
    }
}
