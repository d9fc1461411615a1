import { cutShort, type TileInspection } from "./tile_format.ts";

const PNG_SIGNATURE_LOW = 0x0d0a1a0a;
const IEND = 0x49454e44;
const IHDR = 0x49484452;

/** PNG (W3C PNG third edition, 5): walks the chunk lengths to IEND. null when it is no PNG. */
export function inspectPng(data: Uint8Array, view: DataView): TileInspection | null {
  if (data.length < 8 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== PNG_SIGNATURE_LOW) return null;
  if (data.length < 33 || view.getUint32(12) !== IHDR) throw cutShort("PNG", data.length, "no IHDR");
  for (let offset = 8; offset + 12 <= data.length; offset += 12 + view.getUint32(offset)) {
    if (view.getUint32(offset + 4) === IEND)
      return { format: "png", width: view.getUint32(16), height: view.getUint32(20) };
  }
  throw cutShort("PNG", data.length, "no IEND chunk");
}

/** Zero bytes and line ends that some servers add behind an image. */
const MAX_PADDING_BYTES = 64;

function contentLength(data: Uint8Array): number {
  let end = data.length;
  const floor = Math.max(0, end - MAX_PADDING_BYTES);
  while (end > floor && (data[end - 1] === 0 || data[end - 1] === 0x0a || data[end - 1] === 0x0d)) end -= 1;
  return end;
}

/** JPEG (ITU T.81, annex B): size from the frame header, whole when it ends with EOI. null when it is no JPEG. */
export function inspectJpeg(data: Uint8Array, view: DataView): TileInspection | null {
  if (data[1] !== 0xd8 || data[2] !== 0xff) return null;
  const end = contentLength(data);
  if (data[end - 2] !== 0xff || data[end - 1] !== 0xd9) throw cutShort("JPEG", data.length, "no end-of-image mark");
  const frame = findJpegFrame(data, view);
  return { format: "jpeg", width: view.getUint16(frame + 7), height: view.getUint16(frame + 5) };
}

/** Colour channels of a whole JPEG: 1, 3, or 4 (CMYK). */
export function jpegComponents(data: Uint8Array): number {
  return data[findJpegFrame(data, new DataView(data.buffer, data.byteOffset, data.byteLength)) + 9] ?? 0;
}

/** Offset of the frame header's mark. */
function findJpegFrame(data: Uint8Array, view: DataView): number {
  let offset = 2;
  while (offset + 9 < data.length) {
    if (data[offset] !== 0xff) throw cutShort("JPEG", data.length, "a segment does not begin where it should");
    const marker = data[offset + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return offset;
    // Fill bytes (FF FF) and marks without a length.
    if (marker === 0xff) offset += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) offset += 2;
    else offset += 2 + view.getUint16(offset + 2);
  }
  throw cutShort("JPEG", data.length, "no frame header");
}

/** GIF89a: size from the screen descriptor, whole when its blocks lead to the trailer. null when it is no GIF. */
export function inspectGif(data: Uint8Array, view: DataView): TileInspection | null {
  const isGif = view.getUint32(0) === 0x47494638;
  if (!isGif) return null;
  if (data.length < 14 || !reachesGifTrailer(data)) throw cutShort("GIF", data.length, "no trailer");
  return { format: "gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** Walks extensions (0x21) and images (0x2c); the byte of the trailer alone also stands within pixels. */
function reachesGifTrailer(data: Uint8Array): boolean {
  let offset = 13 + gifPaletteBytes(data[10]);
  while (offset < data.length) {
    const kind = data[offset];
    if (kind === 0x3b) return true;
    if (kind === 0x21) offset += 2;
    else if (kind === 0x2c) offset += 11 + gifPaletteBytes(data[offset + 9]);
    else return false;
    // Sub-blocks, up to the one of length 0.
    let length = data[offset];
    while (length !== undefined && length > 0) {
      offset += 1 + length;
      length = data[offset];
    }
    offset += 1;
  }
  return false;
}

function gifPaletteBytes(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** A lossless pixel and its header; the other kinds have 30 bytes at least. */
const MIN_WEBP_BYTES = 26;

/** WebP (RFC 9649): whole when the RIFF size is there. null when it is no WebP. */
export function inspectWebp(data: Uint8Array, view: DataView): TileInspection | null {
  if (data.length < 12 || view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return null;
  if (data.length < MIN_WEBP_BYTES || view.getUint32(4, true) + 8 > data.length)
    throw cutShort("WebP", data.length, "fewer bytes than its RIFF size");
  const { width, height } = webpSize(view);
  return { format: "webp", width, height };
}

function webpSize(view: DataView): { width: number | null; height: number | null } {
  const chunk = view.getUint32(12);
  const lossy = 0x56503820;
  const lossless = 0x5650384c;
  const extended = 0x56503858;
  if (chunk === lossy && view.byteLength >= 30)
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk === lossless) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== extended || view.byteLength < 30) return { width: null, height: null };
  return { width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
}

/** AVIF (ISO 14496-12 boxes): whole when the top-level boxes fill the file and one holds the pixels. null when it is no AVIF. */
export function inspectAvif(data: Uint8Array, view: DataView): TileInspection | null {
  if (data.length < 16 || view.getUint32(4) !== 0x66747970) return null;
  const brand = view.getUint32(8);
  const isAvif = brand === 0x61766966 || brand === 0x61766973 || brand === 0x6d696631;
  if (!isAvif) return null;
  let offset = 0;
  let hasPixels = false;
  while (offset + 8 <= data.length) {
    const size = boxSize(view, offset);
    hasPixels ||= view.getUint32(offset + 4) === MDAT;
    if (size < 8) break;
    offset += size;
  }
  if (offset !== data.length || !(hasPixels || hasIdat(view)))
    throw cutShort("AVIF", data.length, "fewer bytes than its boxes say");
  return avifSize(data, view);
}

const MDAT = 0x6d646174;
const IDAT = 0x69646174;

/** Size 0: up to the end of the file; 1: it stands behind the type, in 64 bits. */
function boxSize(view: DataView, offset: number): number {
  const size = view.getUint32(offset);
  if (size === 0) return view.byteLength - offset;
  if (size !== 1) return size;
  return offset + 16 <= view.byteLength ? Number(view.getBigUint64(offset + 8)) : 0;
}

/** Pixels may also stand inside of the `meta` box. */
function hasIdat(view: DataView): boolean {
  const last = Math.min(view.byteLength - 4, 4096);
  for (let offset = 16; offset < last; offset++) if (view.getUint32(offset) === IDAT) return true;
  return false;
}

/** Size from the first `ispe` property; it stands within the first kilobyte of every tile seen. */
function avifSize(data: Uint8Array, view: DataView): TileInspection {
  const last = Math.min(data.length - 16, 4096);
  for (let offset = 16; offset < last; offset++) {
    if (view.getUint32(offset) === 0x69737065)
      return { format: "avif", width: view.getUint32(offset + 8), height: view.getUint32(offset + 12) };
  }
  return { format: "avif", width: null, height: null };
}
