import { noRelations, type OsmBlock } from "../osm_block.ts";
import type { DecodeOptions } from "./decode_block.ts";
import { openPbfMemory, type PbfMemory } from "./pbf_memory.ts";

/** Larger ones are rare (32 MiB are allowed), and would take 35 times as much memory. */
const MAX_BLOCK_BYTES = 4 * 1024 * 1024;
/** Of `inflate`: tables, and bytes beyond the end that it may read and write. */
const WORK_BYTES = 16 * 1024;
const SLACK_BYTES = 320;
const WORK_AT = 1024;
const PACKED_AT = WORK_AT + WORK_BYTES;

/** What is wanted, as bits. */
const NODES = 1;
const WAYS = 2;
const RELATIONS = 4;
const REFS = 8;
const HEADER_VALUES = 18;

/**
 * Unpacks (zlib) and reads a block as nearly all are written, in half the time of `inflateBlob` and `decodeBlock`, and from the first block on. Its columns are memory of
 * this thread, and hold until the next block is read. Null for what is damaged or rare: that goes the long way, which also knows what to say of it.
 * @param rawSize what the blob says of the size of the block
 */
export function readFastBlock(packed: Uint8Array, rawSize: number, options: DecodeOptions = {}): OsmBlock | null {
  if (rawSize > MAX_BLOCK_BYTES) return null;
  const blockAt = alignUp(PACKED_AT + packed.length + SLACK_BYTES);
  const columnsAt = alignUp(blockAt + rawSize + SLACK_BYTES);
  const memory = openPbfMemory(columnsAt, rawSize);
  const { bytes, exports } = memory;
  bytes.set(packed, PACKED_AT);
  if (exports.inflate(PACKED_AT, packed.length, blockAt, rawSize, WORK_AT) !== rawSize) return null;
  // Numbers at the end of a damaged block are read beyond it.
  bytes.fill(0, blockAt + rawSize, blockAt + rawSize + SLACK_BYTES);
  return exports.readBlock(blockAt, rawSize, columnsAt, bitsOf(options)) === 0 ? null : viewBlock(memory);
}

function bitsOf({ nodes = true, ways = true, relations = true, refs = true }: DecodeOptions): number {
  return (nodes ? NODES : 0) | (ways ? WAYS : 0) | (relations ? RELATIONS : 0) | (refs ? REFS : 0);
}

function alignUp(address: number): number {
  return Math.ceil(address / 16) * 16;
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
    strings: readStrings(bytes, new Int32Array(buffer, value(0), 2 * strings)),
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
      tagEnds: new Uint32Array(buffer, value(15), ways),
      tags: new Uint32Array(buffer, value(16), wayTags),
    },
    relations: noRelations(),
  };
}

/** @param places address and bytes of each; the highest bit of the latter is set for those that are not ASCII */
function readStrings(bytes: Buffer, places: Int32Array): string[] {
  const strings: string[] = [];
  for (let i = 0; i < places.length; i += 2) {
    const from = places[i] as number;
    const size = places[i + 1] as number;
    strings.push(
      size < 0
        ? bytes.toString("utf8", from, from + (size & 0x7fff_ffff))
        : bytes.toString("latin1", from, from + size),
    );
  }
  return strings;
}
