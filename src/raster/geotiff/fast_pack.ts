import { constants, deflateSync } from "node:zlib";
import { bytesPerPixel, viewPixels } from "../pixel_type.ts";
import { openBlockMemory } from "./block_memory.ts";
import { cutBlock, predictBlock } from "./cut_block.ts";
import type { BlocksToEncode, EncodedBlocks } from "./encode_job.ts";
import { isFastBlock } from "./fast_predictor.ts";
import { FRAME_BYTES, frameInPlace } from "./frame_block.ts";

/** Our packer has one effort, whose files are as large as those of level 6; it is faster than libdeflate's level 1 where a predictor was. */
const MAX_LEVEL = 6;
/** Of rows of a block that are packed both ways first: 1.5 % of a task's bytes. */
const SAMPLE_BYTES = 32 * 1024;
/** How much larger a sample may be than zlib makes it at that level: real DEMs and slopes are within 1 %, made-up ones with steps of a centimetre 3 % larger. */
const MOST_LARGER = 1.0175;
/** What a header may be larger. */
const SLACK_BYTES = 64;
/** For hashes, sequences and codes. */
const WORK_BYTES = 272 * 1024;
/** Bytes that are read behind a block. */
const SPARE_BYTES = 64;
/** Larger blocks would leave that much memory with each thread. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Where things lie in the memory: the block at 0, then room for the predictor's row, the tables, and what was packed. */
interface Places {
  readonly blockBytes: number;
  readonly workPtr: number;
  readonly packedPtr: number;
  readonly endPtr: number;
}

/**
 * As `encodeBlocks` for Deflate of levels 1 to 6 behind a predictor, all in WebAssembly: each block is cut into the memory in which its predictor runs, packed there behind
 * the one before it, and all of them are copied once. Null for other jobs, for small blocks, for more than 16 MiB, and at level 6 for fractions that libdeflate packs smaller. It
 * never waits: others use the memory as well.
 */
export function packFast(job: BlocksToEncode): Pick<EncodedBlocks, "bytes" | "sizes"> | null {
  const places = planPlaces(job);
  if (places === null) return null;
  const { blockBytes, packedPtr, endPtr } = places;
  const { buffer } = openBlockMemory(endPtr);
  const pixels = viewPixels(job.type, buffer, 0, blockBytes / bytesPerPixel(job.type));
  const sizes: number[] = [];
  const frameBytes = job.framed ? FRAME_BYTES : 0;
  let ptr = packedPtr;
  for (let left = 0; left < job.width; left += job.side) {
    cutBlock(job, left, pixels);
    predictBlock(new Uint8Array(buffer, 0, blockBytes), job);
    if (left === 0 && isDoubtful(job) && !isSmall(job, places)) return null;
    const sizeBytes = packRows(job, places, { from: 0, sizeBytes: blockBytes, to: ptr + frameBytes });
    if (sizeBytes < 0) return null;
    if (job.framed) frameInPlace(new Uint8Array(buffer), ptr + frameBytes, sizeBytes);
    sizes.push(sizeBytes);
    ptr += sizeBytes + 2 * frameBytes;
  }
  return { bytes: new Uint8Array(buffer.slice(packedPtr, ptr)), sizes };
}

function planPlaces({ compression, level, predictor, type, side, bands, width }: BlocksToEncode): Places | null {
  if (compression !== "deflate" || level > MAX_LEVEL || predictor === 1) return null;
  const valueBytes = bytesPerPixel(type);
  const blockBytes = side * side * bands * valueBytes;
  if (!isFastBlock({ length: blockBytes }, valueBytes)) return null;
  const workPtr = aligned(blockBytes + side * bands * valueBytes + SPARE_BYTES);
  const packedPtr = workPtr + WORK_BYTES;
  const endPtr = packedPtr + Math.ceil(width / side) * mostBytes(blockBytes);
  return endPtr > MAX_BYTES ? null : { blockBytes, workPtr, packedPtr, endPtr };
}

/** What noise is packed to (`assembly/deflate.ts` says why), and its frame. */
const mostBytes = (sizeBytes: number): number => sizeBytes + Math.ceil(sizeBytes / 512) + 64 + 2 * FRAME_BYTES;

/** Differences of whole numbers are never more than 2 % larger here. */
const isDoubtful = ({ level, predictor }: BlocksToEncode): boolean => level === MAX_LEVEL && predictor === 3;

/** Rows from the middle of the block, packed both ways: by zlib, which makes of fractions what libdeflate makes within 0.3 %, and is there already. */
function isSmall(job: BlocksToEncode, places: Places): boolean {
  const rowBytes = places.blockBytes / job.side;
  const rows = Math.min(job.height, Math.max(1, Math.floor(SAMPLE_BYTES / rowBytes)));
  const sample = { from: Math.floor((job.height - rows) / 2) * rowBytes, sizeBytes: rows * rowBytes };
  const sizeBytes = packRows(job, places, { ...sample, to: places.packedPtr });
  const { buffer } = openBlockMemory(places.endPtr);
  const bytes = new Uint8Array(buffer, sample.from, sample.sizeBytes);
  const other = deflateSync(bytes, { level: job.level, memLevel: constants.Z_MAX_MEMLEVEL }).length;
  return sizeBytes >= 0 && sizeBytes <= other * MOST_LARGER + SLACK_BYTES;
}

interface Rows {
  readonly from: number;
  readonly sizeBytes: number;
  readonly to: number;
}

/** @returns bytes that lie at `to`; -1 when there is no room */
function packRows(job: BlocksToEncode, { workPtr, endPtr }: Places, { from, sizeBytes, to }: Rows): number {
  const { exports } = openBlockMemory(endPtr);
  const rowValues = job.side * job.bands;
  const [planeBytes, planes] = job.predictor === 3 ? [rowValues, 4] : [rowValues * bytesPerPixel(job.type), 1];
  return exports.deflate(from, sizeBytes, to, endPtr - to, planeBytes, planes, workPtr);
}

const aligned = (ptr: number): number => Math.ceil(ptr / 16) * 16;
