import { isTilthError, TilthError } from "../core/index.ts";
import { inspectTile } from "./inspect_tile.ts";
import { loadSharp } from "./pixels.ts";
import type { EncodedTile } from "./encode_tile.ts";

/** Whole pixels from the top left corner. */
export interface PixelWindow {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels of a tile to be cut, or of the result, at the most: 4096 x 4096. */
const MAX_PIXELS = 16_777_216;
/** Little is lost twice at this quality. */
const QUALITY = 90;

/**
 * A window of a tile's pixels, resized (linear where it is enlarged, edges repeated) and encoded in the tile's own format: PNG, JPEG or WebP;
 * alpha is kept, and a clear pixel lends no colour to its neighbours.
 * @throws `tile.notImage` for another format, `tile.truncated` for one that does not decode, `argument.invalid` for a window that lies outside
 */
export async function cutTile(
  data: Uint8Array,
  window: PixelWindow,
  outWidth: number,
  outHeight: number,
): Promise<EncodedTile> {
  const { format, width, height } = inspectTile(data);
  if (format !== "png" && format !== "jpeg" && format !== "webp")
    throw new TilthError("tile.notImage", `expected a PNG, JPEG or WebP tile to cut, got ${format}`);
  checkWindow(window, width ?? 0, height ?? 0);
  checkSize(outWidth, outHeight);
  const sharp = await loadSharp();
  try {
    const image = sharp(data, { failOn: format === "jpeg" ? "warning" : "error", limitInputPixels: MAX_PIXELS })
      .toColourspace("srgb")
      .extract(window)
      .resize(outWidth, outHeight, { fit: "fill", kernel: "linear" });
    const encoded =
      format === "jpeg"
        ? image.jpeg({ quality: QUALITY })
        : format === "webp"
          ? image.webp({ quality: QUALITY })
          : image.png();
    return { data: new Uint8Array(await encoded.toBuffer()), format };
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw new TilthError(
      "tile.truncated",
      `the ${format} tile of ${data.length} bytes does not decode: it is damaged`,
      {
        cause,
        fields: { format },
      },
    );
  }
}

function checkWindow({ left, top, width, height }: PixelWindow, tileWidth: number, tileHeight: number): void {
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside =
    left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= tileWidth && top + height <= tileHeight;
  if (whole && inside && tileWidth * tileHeight <= MAX_PIXELS) return;
  const message = `expected a window of whole pixels within ${tileWidth} x ${tileHeight}, got ${width} x ${height} at ${left}, ${top}`;
  throw new TilthError("argument.invalid", message, { fields: { left, top, width, height, tileWidth, tileHeight } });
}

function checkSize(width: number, height: number): void {
  const whole = Number.isInteger(width) && Number.isInteger(height);
  if (whole && width > 0 && height > 0 && width * height <= MAX_PIXELS) return;
  throw new TilthError("argument.invalid", `expected a size of 1 to ${MAX_PIXELS} pixels, got ${width} x ${height}`, {
    fields: { width, height },
  });
}
