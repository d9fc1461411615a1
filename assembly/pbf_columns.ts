// Columns of a block, in memory that is large enough for whatever its bytes may say.
import { generation, makeRoom, numberOf } from "./pbf_texts";

/** Addresses and lengths for the caller, 32 bits each: strings, then nodes, ways. */
export const HEADER: i32 = 16;

/** Address, length and number (`pbf_texts`) of each; the highest bit of the length is set for those that are not ASCII. */
export let STRINGS: i32 = 0;
export let NODE_IDS: i32 = 0;
export let NODE_LONS: i32 = 0;
export let NODE_LATS: i32 = 0;
export let NODE_TAG_ENDS: i32 = 0;
export let NODE_TAGS: i32 = 0;
export let WAY_IDS: i32 = 0;
export let WAY_REF_ENDS: i32 = 0;
export let REFS: i32 = 0;
export let WAY_TAG_ENDS: i32 = 0;
export let WAY_TAGS: i32 = 0;
export let IS_RING: i32 = 0;

export let stringCount: i32 = 0;
let nodes: i32 = 0;
let ways: i32 = 0;
let nodeTags: i32 = 0;
let wayTags: i32 = 0;
export let refs: i32 = 0;
/** Of all tags; -1 of none. */
export let highestText: i32 = -1;

/** A string has 2 bytes or more, as a way has; a dense node 3; a tag or a ref 1. */
export function roomFor(sizeBytes: i32): i32 {
  return 16 + (sizeBytes / 2 + 1) * (8 + 12 + 4 + 4 + 1) + (sizeBytes / 3 + 1) * (8 + 4 + 4 + 4) + (sizeBytes + 4) * 16;
}

/** Doubles first, so that they lie at multiples of 8. */
export function placeColumns(base: i32, sizeBytes: i32): void {
  const pairs = sizeBytes / 2 + 1;
  const thirds = sizeBytes / 3 + 1;
  NODE_IDS = (base + 7) & ~7;
  WAY_IDS = NODE_IDS + 8 * thirds;
  REFS = WAY_IDS + 8 * pairs;
  STRINGS = REFS + 8 * sizeBytes;
  NODE_LONS = STRINGS + 12 * pairs;
  NODE_LATS = NODE_LONS + 4 * thirds;
  NODE_TAG_ENDS = NODE_LATS + 4 * thirds;
  NODE_TAGS = NODE_TAG_ENDS + 4 * thirds;
  WAY_REF_ENDS = NODE_TAGS + 4 * sizeBytes;
  WAY_TAG_ENDS = WAY_REF_ENDS + 4 * pairs;
  WAY_TAGS = WAY_TAG_ENDS + 4 * pairs;
  IS_RING = WAY_TAGS + 4 * sizeBytes;
  stringCount = nodes = ways = nodeTags = wayTags = refs = 0;
  highestText = -1;
  makeRoom();
}

/** With a hash of its bytes (FNV-1a). */
export function addString(from: i32, length: i32): void {
  const place = STRINGS + 12 * stringCount;
  let all: i32 = 0;
  let hash: i32 = -2_128_831_035;
  for (let i = 0; i < length; i++) {
    const byte = <i32>load<u8>(from + i);
    all |= byte;
    hash = (hash ^ byte) * 16_777_619;
  }
  store<i32>(place, from);
  store<i32>(place + 4, all < 0x80 ? length : length | i32.MIN_VALUE);
  store<i32>(place + 8, numberOf(from, length, hash ^ (hash >>> 15)));
  stringCount += 1;
}

export function addNodeTag(text: i32): void {
  store<i32>(NODE_TAGS + 4 * nodeTags++, text);
  highestText = max(highestText, text);
}

/** Its tags have been added. */
export function addNode(id: i64, lon: i32, lat: i32): void {
  store<f64>(NODE_IDS + 8 * nodes, <f64>id);
  store<i32>(NODE_LONS + 4 * nodes, lon);
  store<i32>(NODE_LATS + 4 * nodes, lat);
  store<i32>(NODE_TAG_ENDS + 4 * nodes, nodeTags);
  nodes += 1;
}

export function addRef(id: i64): void {
  store<f64>(REFS + 8 * refs++, <f64>id);
}

export function addWayTag(key: i32, value: i32): void {
  store<i32>(WAY_TAGS + 4 * wayTags, key);
  store<i32>(WAY_TAGS + 4 * wayTags + 4, value);
  wayTags += 2;
  highestText = max(highestText, max(key, value));
}

/** Its refs and tags have been added. */
export function addWay(id: i64, isRing: bool): void {
  store<f64>(WAY_IDS + 8 * ways, <f64>id);
  store<i32>(WAY_REF_ENDS + 4 * ways, refs);
  store<i32>(WAY_TAG_ENDS + 4 * ways, wayTags);
  store<u8>(IS_RING + ways, isRing ? 1 : 0);
  ways += 1;
}

export function storeCounts(): void {
  store<i32>(HEADER, STRINGS);
  store<i32>(HEADER + 4, stringCount);
  store<i32>(HEADER + 8, nodes);
  store<i32>(HEADER + 12, NODE_IDS);
  store<i32>(HEADER + 16, NODE_LONS);
  store<i32>(HEADER + 20, NODE_LATS);
  store<i32>(HEADER + 24, NODE_TAG_ENDS);
  store<i32>(HEADER + 28, NODE_TAGS);
  store<i32>(HEADER + 32, nodeTags);
  store<i32>(HEADER + 36, ways);
  store<i32>(HEADER + 40, WAY_IDS);
  store<i32>(HEADER + 44, WAY_REF_ENDS);
  store<i32>(HEADER + 48, REFS);
  store<i32>(HEADER + 52, refs);
  store<i32>(HEADER + 56, IS_RING);
  store<i32>(HEADER + 60, WAY_TAG_ENDS);
  store<i32>(HEADER + 64, WAY_TAGS);
  store<i32>(HEADER + 68, wayTags);
  store<i32>(HEADER + 72, generation);
}
