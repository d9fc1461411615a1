import { promisify } from "node:util";
import type { Sharp } from "sharp";
import { gunzip } from "node:zlib";
import { isTilthError, TilthError } from "../core/index.ts";
import { allocateNew, decodeJpeg, type Allocate } from "./decode_jpeg.ts";
import type { DecodedTile } from "./decoded_tile.ts";
import { jpegComponents } from "./image_headers.ts";
import { inspectTile } from "./inspect_tile.ts";
import { isGzip } from "./mvt_header.ts";

/** 8-bit RGBA, row-major from the top left, 4 bytes a pixel, alpha not premultiplied. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type ImageFormat = "png" | "jpeg" | "webp";

/** Pixels of one tile at the most: 8192 x 8192, 256 MB as RGBA. */
const MAX_TILE_PIXELS = 67_108_864;
const MAX_MVT_BYTES = 64 * 1024 * 1024;

let loading: ReturnType<typeof openSharp> | null = null;

/** sharp takes 50 ms to load; who never touches pixels never pays them. */
export function loadSharp(): ReturnType<typeof openSharp> {
  loading ??= openSharp();
  return loading;
}

async function openSharp() {
  const { default: sharp } = await import("sharp");
  sharp.cache(false);
  // One thread for each image: tiles are small and many.
  sharp.concurrency(1);
  return sharp;
}

/**
 * Decodes a raster tile completely, without making an alpha channel that it does not have.
 * @param allocate gives the place for the pixels: new memory unless said; what it throws is thrown
 * @throws `tile.truncated`, `tile.notImage`, `tile.empty`
 */
export async function decodePixels(data: Uint8Array, allocate: Allocate = allocateNew): Promise<DecodedTile> {
  const { format } = inspectTile(data);
  if (format === "mvt") throw new TilthError("tile.notImage", "expected a raster tile, got a vector tile (MVT)");
  if (format === "jpeg") {
    const { width, height } = inspectTile(data);
    const small = (width ?? 0) * (height ?? 0) <= MAX_TILE_PIXELS;
    const decoded = small
      ? await decodeJpeg(data, allocate).catch((error: unknown) => onlyIfForeign(data, error))
      : null;
    if (decoded !== null) return decoded;
  }
  const sharp = await loadSharp();
  // libjpeg only warns of damaged codes, and fills the rest with grey.
  const failOn = format === "jpeg" ? "warning" : "error";
  const open = (): ReturnType<typeof sharp> => sharp(data, { failOn, limitInputPixels: MAX_TILE_PIXELS });
  try {
    const first = await decodeRaw(open());
    const { width, height, channels } = first.info;
    if (channels === 3 || channels === 4) return { width, height, channels, data: place(first.data, allocate) };
    // Grey, with or without alpha.
    const { data: pixels } = await decodeRaw(open().toColourspace("srgb").ensureAlpha());
    return { width, height, channels: 4, data: place(pixels, allocate) };
  } catch (cause) {
    throw isTilthError(cause) ? cause : damaged(format, data.length, cause);
  }
}

function place(pixels: Buffer, allocate: Allocate): Uint8Array {
  const target = allocate(pixels.length);
  target.set(pixels);
  return target;
}

/** A JPEG of four channels is left to the other decoder; any other is damaged. */
function onlyIfForeign(data: Uint8Array, cause: unknown): null {
  if (isTilthError(cause)) throw cause;
  if (jpegComponents(data) === 4) return null;
  throw damaged("jpeg", data.length, cause);
}

function decodeRaw(image: Sharp): Promise<{ data: Buffer; info: { width: number; height: number; channels: number } }> {
  return image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

function damaged(format: string, sizeBytes: number, cause: unknown): TilthError {
  const message = `the ${format} tile of ${sizeBytes} bytes does not decode: it is damaged`;
  return new TilthError("tile.truncated", message, { cause, fields: { format } });
}

/**
 * Decodes a raster tile completely.
 * @throws `tile.truncated`, `tile.notImage`, `tile.empty`
 */
export async function decodeTile(data: Uint8Array): Promise<RgbaImage> {
  const { format } = inspectTile(data);
  if (format === "mvt") throw new TilthError("tile.notImage", "expected a raster tile, got a vector tile (MVT)");
  const sharp = await loadSharp();
  try {
    const image = sharp(data, { failOn: "error", limitInputPixels: MAX_TILE_PIXELS });
    const { data: pixels, info } = await image
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: pixels };
  } catch (cause) {
    throw damaged(format, data.length, cause);
  }
}

/** null for a tile that decodes whole (rasters by their pixels, gzip MVT by its checksum), else the reason. */
export async function findTileDamage(data: Uint8Array): Promise<string | null> {
  try {
    if (isGzip(data)) inspectTile(await promisify(gunzip)(data, { maxOutputLength: MAX_MVT_BYTES }));
    else if (inspectTile(data).format !== "mvt") await decodeTile(data);
    return null;
  } catch (error) {
    return isTilthError(error) ? error.message : `the gzip tile does not unpack: ${String(error)}`;
  }
}

export interface EncodeOptions {
  format: ImageFormat;
  /** 1..100, for JPEG and WebP. @default 85 */
  quality?: number;
}

export async function encodeImage(image: RgbaImage, options: EncodeOptions): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { format, quality = 85 } = options;
  const pixels = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 4 } });
  if (format === "png") return pixels.png().toBuffer();
  if (format === "webp") return pixels.webp({ quality }).toBuffer();
  return pixels.flatten({ background: "#ffffff" }).jpeg({ quality }).toBuffer();
}

/** Copies `tile` into `target` with its top left pixel at `left`, `top` (may be negative); what lies outside is cut. */
export function blit(target: RgbaImage, tile: RgbaImage, left: number, top: number): void {
  const x0 = Math.max(0, left);
  const x1 = Math.min(target.width, left + tile.width);
  const y0 = Math.max(0, top);
  const y1 = Math.min(target.height, top + tile.height);
  if (x0 >= x1) return;
  for (let y = y0; y < y1; y++) {
    const from = ((y - top) * tile.width + (x0 - left)) * 4;
    target.data.set(tile.data.subarray(from, from + (x1 - x0) * 4), (y * target.width + x0) * 4);
  }
}
