import { isFastBlock, separateFast } from "./fast_predictor.ts";
import { newPixels, viewPixels, type PixelArray, type PixelType } from "../pixel_type.ts";

/** Turns bytes around in place. */
export function swapBytes(bytes: Uint8Array<ArrayBuffer>, valueBytes: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % valueBytes));
  if (valueBytes === 2) buffer.swap16();
  else if (valueBytes === 4) buffer.swap32();
  else if (valueBytes === 8) buffer.swap64();
}

/** Samples of 1, 2 or 4 bits to one byte each; rows begin at whole bytes. */
export function widenBits(packed: Uint8Array, bits: number, rowValues: number, rows: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(rowValues * rows);
  const rowBytes = Math.ceil((rowValues * bits) / 8);
  const mask = (1 << bits) - 1;
  for (let row = 0, to = 0; row < rows; row++) {
    for (let i = 0; i < rowValues; i++, to++) {
      const bit = i * bits;
      out[to] = ((packed[row * rowBytes + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return out;
}

const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) reversed |= 128 >> bit;
  return reversed;
});

/** A copy with the bits of each byte from the other end. */
export function reverseBits(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes, (byte) => REVERSED[byte] as number);
}

/** Pixels of several bands to one band behind the other, all in one buffer. @param pixels may be changed */
export function separateBands(pixels: PixelArray, type: PixelType, bands: number): PixelArray {
  if (bands === 1) return pixels;
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (isFastBlock(bytes, pixels.BYTES_PER_ELEMENT)) {
    separateFast(bytes, pixels.BYTES_PER_ELEMENT, bands);
    return pixels;
  }
  const count = pixels.length / bands;
  const out = newPixels(type, pixels.length);
  for (let band = 0; band < bands; band++) {
    const to = band * count;
    for (let i = 0, from = band; i < count; i++, from += bands) out[to + i] = pixels[from] as number;
  }
  return out;
}

/** The bytes as pixels; they are copied when they do not lie at a multiple of the pixel's size. */
export function alignedPixels(type: PixelType, bytes: Uint8Array, valueBytes: number): PixelArray {
  const isOwn = bytes.byteOffset % valueBytes === 0 && bytes.buffer instanceof ArrayBuffer;
  const own = isOwn ? bytes : Uint8Array.from(bytes);
  return viewPixels(type, own.buffer as ArrayBuffer, own.byteOffset, Math.floor(own.length / valueBytes));
}
