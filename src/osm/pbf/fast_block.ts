import { noRelations, type OsmBlock } from "../osm_block.ts";
import type { DecodeOptions } from "./decode_block.ts";
import { openPbfMemory, type PbfMemory } from "./pbf_memory.ts";

/** Larger ones are rare (32 MiB are allowed), and would take 35 times as much memory. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
/** Of `inflate`: tables, and bytes beyond the end that it may read and write. */
const WORK_BYTES = 16 * 1024;
const SLACK_BYTES = 320;
const ALIGNMENT = 16;

/** What is wanted, as bits. */
const NODES = 1;
const WAYS = 2;
const RELATIONS = 4;
const REFS = 8;
const HEADER_VALUES = 19;
/** Of a string: address, bytes, number. */
const STRING_VALUES = 3;

/**
 * Unpacks (zlib) and reads a block as nearly all are written, in half the time of `inflateBlob` and `decodeBlock`, and from the first block on. Its columns are memory of
 * this thread, and hold until the next block is read. Null for what is damaged or rare: that goes the long way, which also knows what to say of it.
 * @param rawSize what the blob says of the size of the block
 */
export function readFastBlock(packed: Uint8Array, rawSize: number, options: DecodeOptions = {}): OsmBlock | null {
  if (rawSize > MAX_BLOCK_BYTES) return null;
  const before = alignUp(WORK_BYTES + packed.length + SLACK_BYTES);
  const memory = openPbfMemory(before + SLACK_BYTES + ALIGNMENT, rawSize);
  const { bytes, exports } = memory;
  const workAt = alignUp(exports.TEXTS_END.value);
  const packedAt = workAt + WORK_BYTES;
  const blockAt = workAt + before;
  const columnsAt = alignUp(blockAt + rawSize + SLACK_BYTES);
  bytes.set(packed, packedAt);
  if (exports.inflate(packedAt, packed.length, blockAt, rawSize, workAt) !== rawSize) return null;
  // Numbers at the end of a damaged block are read beyond it.
  bytes.fill(0, blockAt + rawSize, blockAt + rawSize + SLACK_BYTES);
  return exports.readBlock(blockAt, rawSize, columnsAt, bitsOf(options)) === 0 ? null : viewBlock(memory);
}

function bitsOf({ nodes = true, ways = true, relations = true, refs = true }: DecodeOptions): number {
  return (nodes ? NODES : 0) | (ways ? WAYS : 0) | (relations ? RELATIONS : 0) | (refs ? REFS : 0);
}

function alignUp(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

/** In the order of `storeCounts` (`assembly/pbf_columns.ts`). */
function viewBlock({ bytes, exports }: PbfMemory): OsmBlock {
  const { buffer } = bytes;
  const header = new Int32Array(buffer, exports.HEADER.value, HEADER_VALUES);
  const value = (index: number): number => header[index] as number;
  const [strings, nodes, nodeTags, ways, refs, wayTags] = [
    value(1),
    value(2),
    value(8),
    value(9),
    value(13),
    value(17),
  ];
  return {
    strings: readStrings(bytes, new Int32Array(buffer, value(0), STRING_VALUES * strings), value(18)),
    nodes: {
      count: nodes,
      ids: new Float64Array(buffer, value(3), nodes),
      lons: new Int32Array(buffer, value(4), nodes),
      lats: new Int32Array(buffer, value(5), nodes),
      tagEnds: new Uint32Array(buffer, value(6), nodes),
      tags: new Uint32Array(buffer, value(7), nodeTags),
    },
    ways: {
      count: ways,
      ids: new Float64Array(buffer, value(10), ways),
      refEnds: new Uint32Array(buffer, value(11), ways),
      refs: new Float64Array(buffer, value(12), refs),
      isRing: new Uint8Array(buffer, value(14), ways),
      lons: new Int32Array(),
      lats: new Int32Array(),
      tagEnds: new Uint32Array(buffer, value(15), ways),
      tags: new Uint32Array(buffer, value(16), wayTags),
    },
    relations: noRelations(),
  };
}

/** Strings that came before, by their numbers: two thirds of all are the same in most blocks. */
let known: (string | undefined)[] = [];
let knownGeneration = 0;

/** @param places of each; the highest bit of its bytes is set when it is not ASCII @param generation of the numbers */
function readStrings(bytes: Buffer, places: Int32Array, generation: number): string[] {
  if (generation !== knownGeneration) known = [];
  knownGeneration = generation;
  const strings: string[] = [];
  for (let i = 0; i < places.length; i += STRING_VALUES) {
    const number = places[i + 2] as number;
    const text = known[number] ?? readString(bytes, places[i] as number, places[i + 1] as number);
    if (number >= 0) known[number] = text;
    strings.push(text);
  }
  return strings;
}

function readString(bytes: Buffer, from: number, size: number): string {
  if (size >= 0) return bytes.toString("latin1", from, from + size);
  return bytes.toString("utf8", from, from + (size & 0x7fff_ffff));
}
