// Features as GeoJSON (RFC 7946), for `src/feature/geojson`. Built by scripts/build_wasm.ts.
import {
  beginFeature,
  endOf,
  fromPart,
  layerOf,
  positionCount,
  ringCount,
  startOf,
  tally,
  TAG_ENDS,
  TAGS,
  toPart,
} from "./batch_geometry";
import { jsonSize, putJson } from "./batch_texts";
import { GEOMETRY_BYTES, putGeometry } from "./geojson_geometry";
import { reserve } from "./grow_memory";
import { isDecimal, isInUnits, NUMBER_BYTES, putNumber } from "./json_numbers";
import { putWord, Word, wordSize } from "./words";

export { areTexts, hasIndices, placeColumns, placeTally, unplaced } from "./batch_geometry";
export { findTexts } from "./batch_texts";
export { placeWords } from "./words";

/** Of each layer, 32 bits: code of its geometry, columns, address of theirs, its words. Of each column: 1 for a text, address of its values (0: none), its words. */
let LAYER_ROWS: i32 = 0;
/** Of each text: 0, or its place among those that are called otherwise as a key; 16 bits. */
let RENAMED: i32 = 0;
/** Of each layer, of each of them: the text that it is called by; 32 bits. */
let RENAMES: i32 = 0;
let renameCount: i32 = 0;
/** Of all features, 64 bits: numbers of their objects, and texts of the kinds of these; 0: none. */
let IDS: i32 = 0;
let ID_TYPES: i32 = 0;

const COLON: u8 = 0x3a;
const COMMA: u8 = 0x2c;
const QUOTE: u8 = 0x22;
const SLASH: u8 = 0x2f;
const CLOSE: u8 = 0x7d;
/** Words, brackets and the id of a feature. */
const FIXED_BYTES: i32 = 256;

/** The next feature. */
export let next: i32 = 0;
/** Where the last one that was written ends. */
export let textEnd: i32 = 0;
let isFirst: bool = true;

/** Of all batches. */
export function placeLayers(rows: i32): void {
  LAYER_ROWS = rows;
}

/** Of one batch, which is begun. */
export function placeNames(renamed: i32, renames: i32, count: i32, ids: i32, types: i32): void {
  RENAMED = renamed;
  RENAMES = renames;
  renameCount = count;
  IDS = ids;
  ID_TYPES = types;
  next = 0;
  isFirst = true;
}

/** Whether all positions that are places are in units, that is, can be written here. */
export function hasUnits(coordinates: i32, count: i32): bool {
  for (let at = coordinates; at < coordinates + 8 * count; at += 8) {
    const value = load<f64>(at);
    if (isFinite(value) && !isInUnits(value)) return false;
  }
  return true;
}

/** The same of a column; what is no number is left out. */
export function hasDecimals(values: i32, count: i32): bool {
  for (let at = values; at < values + 8 * count; at += 8) {
    const value = load<f64>(at);
    if (!isNaN(value) && !isDecimal(value)) return false;
  }
  return true;
}

/**
 * Writes features from `next` on, until they have so many bytes.
 * @param to where: at the end of the memory, which grows
 * @returns false when there is no more memory
 */
export function write(count: i32, to: i32, limit: i32): bool {
  textEnd = to;
  while (next < count && textEnd - to < limit) {
    const i = next++;
    if (!beginFeature(i)) continue;
    const layer = layerOf(i);
    if (!reserve(textEnd, sizeOf(i, layer))) return false;
    textEnd = putFeature(textEnd, i, layer);
    tally(layer);
  }
  return true;
}

/** Bytes of a feature at the most. */
function sizeOf(i: i32, layer: i32): i64 {
  const row = LAYER_ROWS + 16 * layer;
  let size: i64 = FIXED_BYTES + wordSize(Word.BEFORE) + wordSize(Word.BETWEEN) + wordSize(load<i32>(row + 12));
  if (IDS !== 0 && ID_TYPES !== 0 && isFinite(load<f64>(ID_TYPES + 8 * i)))
    size += jsonSize(<i32>load<f64>(ID_TYPES + 8 * i));
  // A ring has a position at the least, or its brackets alone, as parts without rings have.
  size += <i64>GEOMETRY_BYTES * (<i64>positionCount() + ringCount() + toPart - fromPart);
  const columns = load<i32>(row + 8);
  for (let column = columns; column < columns + 12 * load<i32>(row + 4); column += 12) {
    size += 2 + NUMBER_BYTES + wordSize(load<i32>(column + 8));
    const values = load<i32>(column + 4);
    if (load<i32>(column) === 1 && values !== 0 && isFinite(load<f64>(values + 8 * i)))
      size += jsonSize(<i32>load<f64>(values + 8 * i));
  }
  for (let at = startOf(TAG_ENDS, i); at < endOf(TAG_ENDS, i); at += 2)
    size += 2 + jsonSize(nameOf(layer, load<i32>(TAGS + 4 * at))) + jsonSize(load<i32>(TAGS + 4 * at + 4));
  return size;
}

function putFeature(to: i32, i: i32, layer: i32): i32 {
  const row = LAYER_ROWS + 16 * layer;
  let at = isFirst ? to : putWord(to, Word.BETWEEN);
  isFirst = false;
  at = putId(putWord(putWord(at, Word.BEFORE), Word.HEAD), i);
  at = putWord(putWord(at, Word.PROPERTIES), load<i32>(row + 12));
  at = putTags(putColumns(at, i, row), i, layer);
  at = putGeometry(putWord(at, Word.GEOMETRY), load<i32>(row), fromPart, toPart);
  store<u8>(at, CLOSE);
  return at + 1;
}

/** `,"id":"way/123"`; nothing for features that do not come from OpenStreetMap. */
function putId(to: i32, i: i32): i32 {
  if (IDS === 0 || ID_TYPES === 0) return to;
  const id = load<f64>(IDS + 8 * i);
  const type = load<f64>(ID_TYPES + 8 * i);
  if (isNaN(id) || isNaN(type)) return to;
  // Without its last quote.
  let at = putJson(putWord(to, Word.ID), <i32>type) - 1;
  store<u8>(at, SLASH);
  at = putNumber(at + 1, id);
  store<u8>(at, QUOTE);
  return at + 1;
}

function putColumns(to: i32, i: i32, row: i32): i32 {
  let at = to;
  const columns = load<i32>(row + 8);
  for (let column = columns; column < columns + 12 * load<i32>(row + 4); column += 12) {
    const values = load<i32>(column + 4);
    if (values === 0) continue;
    const value = load<f64>(values + 8 * i);
    if (!isFinite(value)) continue;
    at = putWord(at, load<i32>(column + 8));
    at = load<i32>(column) === 1 ? putJson(at, <i32>value) : putNumber(at, value);
  }
  return at;
}

function putTags(to: i32, i: i32, layer: i32): i32 {
  let at = to;
  for (let tag = startOf(TAG_ENDS, i); tag < endOf(TAG_ENDS, i); tag += 2) {
    store<u8>(at, COMMA);
    at = putJson(at + 1, nameOf(layer, load<i32>(TAGS + 4 * tag)));
    store<u8>(at, COLON);
    at = putJson(at + 1, load<i32>(TAGS + 4 * tag + 4));
  }
  return at;
}

/** The text that a key is called by in a layer. */
function nameOf(layer: i32, key: i32): i32 {
  const renamed = <i32>load<u16>(RENAMED + 2 * key);
  return renamed === 0 ? key : load<i32>(RENAMES + 4 * (layer * renameCount + renamed - 1));
}
