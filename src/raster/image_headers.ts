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
  let offset = 2;
  while (offset + 9 < data.length) {
    if (data[offset] !== 0xff) throw cutShort("JPEG", data.length, "a segment does not begin where it should");
    const marker = data[offset + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { format: "jpeg", width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) };
    // Fill bytes (FF FF) and marks without a length.
    if (marker === 0xff) offset += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) offset += 2;
    else offset += 2 + view.getUint16(offset + 2);
  }
  throw cutShort("JPEG", data.length, "no frame header");
}

/** GIF89a: size from the screen descriptor, whole when it ends with the trailer byte. null when it is no GIF. */
export function inspectGif(data: Uint8Array, view: DataView): TileInspection | null {
  const isGif = view.getUint32(0) === 0x47494638;
  if (!isGif) return null;
  if (data.length < 14 || data[contentLength(data) - 1] !== 0x3b) throw cutShort("GIF", data.length, "no trailer");
  return { format: "gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** WebP (RFC 9649): whole when the RIFF size is there. null when it is no WebP. */
export function inspectWebp(data: Uint8Array, view: DataView): TileInspection | null {
  if (data.length < 12 || view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return null;
  if (data.length < 30 || view.getUint32(4, true) + 8 > data.length)
    throw cutShort("WebP", data.length, "fewer bytes than its RIFF size");
  const { width, height } = webpSize(view);
  return { format: "webp", width, height };
}

function webpSize(view: DataView): { width: number | null; height: number | null } {
  const chunk = view.getUint32(12);
  const lossy = 0x56503820;
  const lossless = 0x5650384c;
  const extended = 0x56503858;
  if (chunk === lossy) return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk === lossless) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== extended) return { width: null, height: null };
  return { width: (view.getUint32(24, true) & 0xffffff) + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
}

/** AVIF (ISO 14496-12 boxes): whole when the top-level boxes fill the file. null when it is no AVIF. */
export function inspectAvif(data: Uint8Array, view: DataView): TileInspection | null {
  if (data.length < 16 || view.getUint32(4) !== 0x66747970) return null;
  const brand = view.getUint32(8);
  const isAvif = brand === 0x61766966 || brand === 0x61766973 || brand === 0x6d696631;
  if (!isAvif) return null;
  let offset = 0;
  while (offset + 8 <= data.length) {
    const size = view.getUint32(offset);
    if (size === 0) return avifSize(data, view);
    if (size < 8) break;
    offset += size;
  }
  if (offset !== data.length) throw cutShort("AVIF", data.length, "fewer bytes than its boxes say");
  return avifSize(data, view);
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
