// Nodes and ways of Overpass JSON as nearly all are written, from their bytes to columns, for `src/osm/text`. Built by scripts/build_wasm.ts.
import { at, beginAt, pass, readInteger, readUnits } from "./json_scan";
import { forgetTexts, intern, isText, passText, textFrom, textLength } from "./json_texts";
import {
  COMMA,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COUNTS,
  ELEMENT_TAGS,
  MAX_ELEMENT_TAGS,
  MAX_REFS,
  MAX_TAGS,
  NODE_IDS,
  NODE_LATS,
  NODE_LONS,
  NODE_TAG_ENDS,
  NODE_TAGS,
  OPEN_BRACE,
  OPEN_BRACKET,
  REFS,
  WAY_IDS,
  WAY_IS_RING,
  WAY_REF_ENDS,
  WAY_TAG_ENDS,
  WAY_TAGS,
} from "./json_columns";

export { COUNTS, INPUT, MAX_ELEMENTS } from "./json_columns";
export { NODE_IDS, NODE_LATS, NODE_LONS, NODE_TAG_ENDS, NODE_TAGS, REFS } from "./json_columns";
export { TEXTS, WAY_IDS, WAY_IS_RING, WAY_REF_ENDS, WAY_TAG_ENDS, WAY_TAGS } from "./json_columns";

/** What has been read of an element, as bits. */
const TYPE: i32 = 1;
const ID: i32 = 2;
const LAT: i32 = 4;
const LON: i32 = 8;
const NODES: i32 = 16;
const TAGS: i32 = 32;

const MAX_LON: f64 = 1_800_000_000;
const MAX_LAT: f64 = 900_000_000;

// Of the element that is read.
let isNode: bool = false;
let id: f64 = 0;
let lat: f64 = 0;
let lon: f64 = 0;
let tagCount: i32 = 0;
let refCount: i32 = 0;

// Values in the columns.
let nodes: i32 = 0;
let ways: i32 = 0;
let nodeTags: i32 = 0;
let wayTags: i32 = 0;
let refs: i32 = 0;

/**
 * Takes elements, one behind the other and commas between them, as long as they are plain and there is room. Behind the input stands a byte 0.
 * @param limit elements at the most
 * @param forget whether the texts of the input are to be numbered from 0
 * @returns behind the last element that was taken; `from` for none
 */
export function readElements(from: i32, limit: i32, forget: bool): i32 {
  nodes = ways = nodeTags = wayTags = refs = 0;
  const firstText = forgetTexts(forget);
  let end = from;
  beginAt(from);
  while (nodes + ways < limit && readElement() && keepElement()) {
    end = at;
    if (!pass(COMMA)) break;
  }
  store<i32>(COUNTS, nodes);
  store<i32>(COUNTS + 4, ways);
  store<i32>(COUNTS + 8, nodeTags);
  store<i32>(COUNTS + 12, wayTags);
  store<i32>(COUNTS + 16, refs);
  store<i32>(COUNTS + 20, firstText);
  return end;
}

/** False for one that is not plain. */
function readElement(): bool {
  let seen: i32 = 0;
  tagCount = refCount = 0;
  if (!pass(OPEN_BRACE)) return false;
  do {
    if (!passText()) return false;
    const member = memberOfText();
    if ((seen & member) !== 0 || !pass(COLON) || !readValue(member)) return false;
    seen |= member;
  } while (pass(COMMA));
  if (!pass(CLOSE_BRACE)) return false;
  seen &= ~TAGS;
  if (!isNode) return seen === (TYPE | ID | NODES);
  return seen === (TYPE | ID | LAT | LON) && abs(lon) <= MAX_LON && abs(lat) <= MAX_LAT;
}

/** Which member the last text names; 0 for others. */
function memberOfText(): i32 {
  const length = textLength();
  if (length === 2) return isText(0x6469, 2) ? ID : 0;
  if (length === 3) return isText(0x74616c, 3) ? LAT : isText(0x6e6f6c, 3) ? LON : 0;
  if (length === 4) return isText(0x65707974, 4) ? TYPE : isText(0x73676174, 4) ? TAGS : 0;
  return length === 5 && isText(0x65646f6e, 4) && load<u8>(textFrom + 4) === 0x73 ? NODES : 0;
}

function readValue(member: i32): bool {
  switch (member) {
    case TYPE:
      return readType();
    case ID:
      id = readInteger();
      return id === id;
    case LAT:
      lat = readUnits();
      return lat === lat;
    case LON:
      lon = readUnits();
      return lon === lon;
    case NODES:
      return readRefs();
    case TAGS:
      return readTags();
    default: {
      // When, by whom: a text or a number; whatever else there is may be geometry.
      if (passText()) return true;
      const value = readInteger();
      return value === value;
    }
  }
}

function readType(): bool {
  if (!passText()) return false;
  isNode = textLength() === 4 && isText(0x65646f6e, 4);
  return isNode || (textLength() === 3 && isText(0x796177, 3));
}

function readRefs(): bool {
  if (!pass(OPEN_BRACKET)) return false;
  if (pass(CLOSE_BRACKET)) return true;
  do {
    const ref = readInteger();
    if (ref !== ref || refs + refCount === MAX_REFS) return false;
    store<f64>(REFS + 8 * (refs + refCount++), ref);
  } while (pass(COMMA));
  return pass(CLOSE_BRACKET);
}

function readTags(): bool {
  if (!pass(OPEN_BRACE)) return false;
  if (pass(CLOSE_BRACE)) return true;
  do {
    if (tagCount === MAX_ELEMENT_TAGS || !passText()) return false;
    const key = intern();
    for (let i = 0; i < tagCount; i++) if (load<i32>(ELEMENT_TAGS + 8 * i) === key) return false;
    if (!pass(COLON) || !passText()) return false;
    const value = intern();
    if (key < 0 || value < 0) return false;
    store<i32>(ELEMENT_TAGS + 8 * tagCount, key);
    store<i32>(ELEMENT_TAGS + 8 * tagCount + 4, value);
    tagCount += 1;
  } while (pass(COMMA));
  return pass(CLOSE_BRACE);
}

/** Into the columns. False without room. */
function keepElement(): bool {
  const count = 2 * tagCount;
  if ((isNode ? nodeTags : wayTags) + count > MAX_TAGS) return false;
  memory.copy(isNode ? NODE_TAGS + 4 * nodeTags : WAY_TAGS + 4 * wayTags, ELEMENT_TAGS, 4 * count);
  if (isNode) keepNode(count);
  else keepWay(count);
  return true;
}

function keepNode(count: i32): void {
  nodeTags += count;
  store<f64>(NODE_IDS + 8 * nodes, id);
  store<i32>(NODE_LONS + 4 * nodes, <i32>lon);
  store<i32>(NODE_LATS + 4 * nodes, <i32>lat);
  store<i32>(NODE_TAG_ENDS + 4 * nodes, nodeTags);
  nodes += 1;
}

function keepWay(count: i32): void {
  const first = REFS + 8 * refs;
  const isRing = refCount >= 4 && load<f64>(first) === load<f64>(first + 8 * (refCount - 1));
  wayTags += count;
  refs += refCount;
  store<f64>(WAY_IDS + 8 * ways, id);
  store<u8>(WAY_IS_RING + ways, isRing ? 1 : 0);
  store<i32>(WAY_REF_ENDS + 4 * ways, refs);
  store<i32>(WAY_TAG_ENDS + 4 * ways, wayTags);
  ways += 1;
}
