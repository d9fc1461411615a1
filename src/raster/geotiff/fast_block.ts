import { bytesPerPixel, viewPixels, type PixelArray } from "../pixel_type.ts";
import { openBlockMemory, type BlockExports } from "./block_memory.ts";
import { isFastBlock } from "./fast_predictor.ts";
import { bandsPerBlock, maxUnpackedBytes, rowBytes, type ImageLayout } from "./image_layout.ts";
import { COMPRESSION } from "./tiff_tags.ts";

/** Bytes that are read and written beyond the end of what is unpacked. */
const SPARE_BYTES = 512;
/** For tables of codes. */
const TABLE_BYTES = 16 * 1024;
/** Larger blocks would leave that much memory with each thread. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Where things lie in the memory: the bytes of the block at 0, then what they are made of, or into. */
interface Places {
  readonly neededBytes: number;
  readonly capacity: number;
  readonly packedPtr: number;
  readonly tablePtr: number;
  readonly endPtr: number;
}

/**
 * As `decodeBlock` for Deflate, all in WebAssembly: node:zlib unpacks 100 to 340 MB/s, this 420 to 890, and nothing is copied between the steps. Null for other blocks, and
 * for those with any fault: the plain way says what it is. The pixels are lent until the next block.
 */
export function decodeFast(packed: Uint8Array, layout: ImageLayout, rows: number): PixelArray | null {
  const places = planPlaces(packed, layout, rows);
  if (places === null) return null;
  const { neededBytes, capacity, packedPtr, tablePtr, endPtr } = places;
  const { buffer, exports } = openBlockMemory(endPtr);
  new Uint8Array(buffer, packedPtr, packed.length).set(packed);
  if (exports.inflate(packedPtr, packed.length, 0, capacity, tablePtr) < neededBytes) return null;
  undoPredictor(exports, layout, rows, packedPtr);
  const valueBytes = bytesPerPixel(layout.type);
  const bands = bandsPerBlock(layout);
  if (bands > 1) exports.separate(0, packedPtr, layout.blockWidth * rows, bands, valueBytes);
  return viewPixels(layout.type, buffer, bands > 1 ? packedPtr : 0, neededBytes / valueBytes);
}

function planPlaces(packed: Uint8Array, layout: ImageLayout, rows: number): Places | null {
  if (!isReadable(layout)) return null;
  const neededBytes = rowBytes(layout) * rows;
  const capacity = maxUnpackedBytes(layout, neededBytes);
  if (!isFastBlock({ length: neededBytes }, bytesPerPixel(layout.type)) || capacity > MAX_BYTES) return null;
  const packedPtr = aligned(capacity + SPARE_BYTES);
  const tablePtr = aligned(packedPtr + Math.max(packed.length, neededBytes) + SPARE_BYTES);
  return { neededBytes, capacity, packedPtr, tablePtr, endPtr: tablePtr + TABLE_BYTES };
}

/** Deflate of whole numbers of bytes, in this machine's order or in the one of predictor 3. */
function isReadable({ compression, isBitReversed, bits, predictor, littleEndian }: ImageLayout): boolean {
  const isDeflate = compression === COMPRESSION.deflate || compression === COMPRESSION.deflateOld;
  const isInOrder = predictor === 3 ? bits === 32 : littleEndian || bits === 8;
  return isDeflate && isInOrder && !isBitReversed && bits >= 8;
}

/** @param workPtr where the packed bytes were: room for a row */
function undoPredictor(exports: BlockExports, layout: ImageLayout, rows: number, workPtr: number): void {
  const valueBytes = bytesPerPixel(layout.type);
  const bands = bandsPerBlock(layout);
  if (layout.predictor === 3) exports.undoFloats(0, workPtr, rows, layout.blockWidth * bands, bands);
  if (layout.predictor === 2) exports.undoDifferences(0, rows, rowBytes(layout), valueBytes, bands * valueBytes);
}

const aligned = (ptr: number): number => Math.ceil(ptr / 16) * 16;
