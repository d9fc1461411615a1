import { setFlagsFromString } from "node:v8";
import type { JpegDecoder } from "@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs";
import type { DecodedTile } from "./decoded_tile.ts";

/** One decoder for each thread, made when the first JPEG comes. */
let decoder: Promise<JpegDecoder> | null = null;

/**
 * Decodes a JPEG of 8-bit grey or YCbCr on the calling thread: libjpeg-turbo's exact DCT in WebAssembly, 0.65 ms a 256 px tile. It
 * refuses what ends early or does not fit its own codes, which other decoders fill with grey.
 * @throws Error for a damaged image, and for one of another kind (CMYK)
 */
export async function decodeJpeg(data: Uint8Array, allocate: Allocate = allocateNew): Promise<DecodedTile> {
  const { width, height, componentCount, pixels } = await decode(data);
  if (componentCount !== 3 || pixels.length !== width * height * 3)
    throw new Error("the JPEG is not one of 3 channels");
  const target = allocate(pixels.length);
  target.set(pixels);
  return { width, height, channels: 3, data: target };
}

/** The same for one or three channels, as they are. @throws Error for a damaged image, and for one of other channels */
export async function decodeJpegPlain(data: Uint8Array): Promise<Uint8Array> {
  const { width, height, componentCount, pixels } = await decode(data);
  if (pixels.length !== width * height * componentCount) throw new Error("the JPEG is not one of 1 or 3 channels");
  return pixels.slice();
}

/** The pixels stay the decoder's own. */
async function decode(
  data: Uint8Array,
): Promise<{ width: number; height: number; componentCount: number; pixels: Uint8Array }> {
  decoder ??= openDecoder();
  const jpeg = await decoder;
  try {
    jpeg.getEncodedBuffer(data.length).set(data);
    jpeg.decode();
  } catch (cause) {
    throw new Error(`the JPEG does not decode: ${String(cause)}`, { cause });
  }
  return { ...jpeg.getFrameInfo(), pixels: jpeg.getDecodedBuffer() };
}

/** Gives the place for so many bytes of pixels. */
export type Allocate = (sizeBytes: number) => Uint8Array;

export const allocateNew: Allocate = (sizeBytes) => new Uint8Array(sizeBytes);

async function openDecoder(): Promise<JpegDecoder> {
  // The decoder's error handling calls from WebAssembly into JavaScript. Node 24 can crash (WasmEngine::FreeDeadCode) when it replaces the
  // wrappers of such calls while threads come and go; with this budget it never does. The slower wrapper is not to be measured.
  setFlagsFromString("--wasm-wrapper-tiering-budget=1000000000");
  // 57 kB that a thread without JPEGs need not load.
  const { default: openLibjpeg } = await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs");
  const { JPEGDecoder } = await openLibjpeg();
  return new JPEGDecoder();
}
