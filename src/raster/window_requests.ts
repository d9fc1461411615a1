import { inOrder } from "../concurrency/index.ts";
import { TilthError } from "../core/index.ts";
import { bytesPerPixel } from "./pixel_type.ts";
import { tooLarge } from "./raster_errors.ts";
import type {
  BandInfo,
  OverviewInfo,
  PixelRect,
  RasterInfo,
  RasterReadOptions,
  RasterStreamOptions,
  RasterWindow,
} from "./raster.ts";

/** Bytes of one window at most, all its bands together. */
const MAX_WINDOW_BYTES = 2 ** 31;
const AHEAD_BYTES = 16 * 1024 * 1024;
const MAX_AHEAD = 32;

/** The image, or one of its overviews. @throws `argument.invalid` */
export function levelOf(info: RasterInfo, overview: number | undefined): OverviewInfo {
  const found = overview === undefined ? info : info.overviews[overview];
  if (found !== undefined) return found;
  throw new TilthError("argument.invalid", `expected one of ${info.overviews.length} overviews, got ${overview}`);
}

/** Indices of the bands that are asked for. @throws `argument.invalid` for a window or band that is not there, `raster.tooLarge` */
export function checkWindow(info: RasterInfo, rect: PixelRect, options: RasterReadOptions): readonly number[] {
  const level = levelOf(info, options.overview);
  const bands = options.bands ?? info.bands.map((_, i) => i);
  if (bands.length === 0 || bands.some((band) => info.bands[band] === undefined))
    throw new TilthError(
      "argument.invalid",
      `expected bands of 0 to ${info.bands.length - 1}, got '${bands.join(", ")}'`,
    );
  expectInside(level, rect);
  const sizeBytes = rect.width * rect.height * pixelBytes(info, bands);
  if (sizeBytes > MAX_WINDOW_BYTES)
    throw tooLarge(`a window of ${sizeBytes} bytes was asked for, ${MAX_WINDOW_BYTES} at most: read it in parts`);
  return bands;
}

/** Windows over a whole level, in order, a bounded number read ahead. */
export async function* streamWindows(
  info: RasterInfo,
  options: RasterStreamOptions,
  read: (rect: PixelRect) => Promise<RasterWindow>,
): AsyncGenerator<RasterWindow, void, undefined> {
  const level = levelOf(info, options.overview);
  const block = options.by === "blocks" ? level.block : { width: level.width, height: rowsOf(level, options.rows) };
  const bands = options.bands ?? info.bands.map((_, i) => i);
  const windowBytes = Math.min(block.width, level.width) * block.height * pixelBytes(info, bands);
  const most = Math.floor((options.aheadBytes ?? AHEAD_BYTES) / windowBytes);
  const ahead = Math.min(MAX_AHEAD, Math.max(1, most));
  yield* inOrder(listRects(level, block), ahead + 1, read, options.signal);
}

function pixelBytes(info: RasterInfo, bands: readonly number[]): number {
  return bands.reduce(
    (sum, band) => sum + bytesPerPixel((info.bands[band] as BandInfo | undefined)?.type ?? "uint8"),
    0,
  );
}

function rowsOf(level: OverviewInfo, rows: number | undefined): number {
  if (rows !== undefined && !(Number.isInteger(rows) && rows >= 1))
    throw new TilthError("argument.invalid", `expected rows of 1 or more, got ${rows}`);
  return Math.min(rows ?? level.block.height, level.height);
}

function expectInside(level: OverviewInfo, { x, y, width, height }: PixelRect): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (whole && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= level.width && y + height <= level.height)
    return;
  throw new TilthError(
    "argument.invalid",
    `expected a window within ${level.width} x ${level.height} pixels, got ${width} x ${height} at ${x}, ${y}`,
    { fields: { x, y, width, height } },
  );
}

function* listRects(level: OverviewInfo, block: { width: number; height: number }): Generator<PixelRect> {
  for (let y = 0; y < level.height; y += block.height)
    for (let x = 0; x < level.width; x += block.width) {
      const width = Math.min(block.width, level.width - x);
      yield { x, y, width, height: Math.min(block.height, level.height - y) };
    }
}
