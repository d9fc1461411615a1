// Features as rows in SQLite's record format (sqlite.org/fileformat2.html, clause 2.1), for `src/feature/geopackage`. Built by scripts/build_wasm.ts.
import { beginFeature, endOf, fromPart, layerOf, startOf, tally, TAG_ENDS, TAGS, toPart } from "./batch_geometry";
import { jsonSize, plainSize, putJson, putPlain } from "./batch_texts";
import { putBox } from "./float_box";
import { blobSize, putBlob } from "./geometry_blob";
import { MAX_BYTES, reserve } from "./grow_memory";
import { contentSize, FLOAT, integerSerial, NULL, putNumber, putVarint, textSerial, varintSize } from "./record_format";

export { areTexts, hasIndices, placeColumns, placeTally, unplaced } from "./batch_geometry";
export { findTexts } from "./batch_texts";

/** Of each table, 32 bits: code of its geometry, columns, address of theirs, columns of tags. Of each column: its type, address of its values (0: none). */
let TABLES: i32 = 0;
/** Of each table, of each key: place of its column in the row, 0: none; 16 bits. Key 0 is none. */
let PLACES: i32 = 0;
let keyCount: i32 = 0;
/** Of each text: its key; 16 bits. */
let KEYS: i32 = 0;

const INTEGER: i32 = 1;
const TEXT: i32 = 2;

/** Places in a row: `fid`, which SQLite keeps beside the row, then the geometry. */
const GEOMETRY_AT: i32 = 1;
const COLUMNS_AT: i32 = 2;

/** Of the row that is written: serial type of each value, 32 bits, all null in between, and the values, 64 bits. */
let SERIALS: i32 = 0;
let VALUES: i32 = 0;

const OPEN: u8 = 0x7b;
const CLOSE: u8 = 0x7d;
const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;

/** The next feature. */
export let next: i32 = 0;
/** Rows of the piece that was made last. */
export let rowCount: i32 = 0;
/** Where the last one ends. */
export let rowsEnd: i32 = 0;

/** Of all batches. @param serials for as many as the widest table has values, all 0 @param values as many */
export function placeTables(tables: i32, places: i32, keys: i32, serials: i32, values: i32): void {
  TABLES = tables;
  PLACES = places;
  keyCount = keys;
  SERIALS = serials;
  VALUES = values;
}

/** Of a new batch. @param keys where `KEYS` are */
export function begin(keys: i32): void {
  KEYS = keys;
  next = 0;
}

/**
 * Rows of features from `next` on, until they have so many bytes.
 * @param layers of each row, 16 bits @param ends of each in the bytes, 32 bits @param boxes of each, four of 32 bits
 * @param rows where they go: at the end of the memory, which grows
 */
export function encode(count: i32, srsId: i32, layers: i32, ends: i32, boxes: i32, rows: i32, limit: i32): bool {
  rowCount = 0;
  rowsEnd = rows;
  while (next < count && rowsEnd - rows < limit) {
    const i = next++;
    if (!beginFeature(i)) continue;
    const layer = layerOf(i);
    if (!putRow(i, layer, srsId)) return false;
    tally(layer);
    store<u16>(layers + 2 * rowCount, layer);
    store<i32>(ends + 4 * rowCount, rowsEnd - rows);
    putBox(boxes + 16 * rowCount);
    rowCount += 1;
  }
  return true;
}

/** False when the row is very large, or there is no more memory. */
function putRow(i: i32, layer: i32, srsId: i32): bool {
  const table = TABLES + 16 * layer;
  const kind = load<i32>(table);
  const columns = load<i32>(table + 4);
  const last = COLUMNS_AT + columns + load<i32>(table + 12);
  setSerial(GEOMETRY_AT, 2 * blobSize(kind, fromPart, toPart) + 12);
  setColumns(i, columns, load<i32>(table + 8));
  const tagsBytes = setTags(i, layer);
  setSerial(last, tagsBytes > MAX_BYTES ? NULL : textSerial(<i32>tagsBytes));
  if (tagsBytes > MAX_BYTES || !putHeader(last + 1)) {
    // The next batch begins with none.
    memory.fill(SERIALS, 0, 4 * (last + 1));
    return false;
  }
  let at = putBlob(rowsEnd, srsId, kind, fromPart, toPart);
  for (let place = COLUMNS_AT; place < last; place++) {
    const serial = serialAt(place);
    if (serial === NULL) continue;
    const value = load<f64>(VALUES + 8 * place);
    at = serial >= 12 ? putPlain(at, <i32>value) : putNumber(at, serial, value);
    setSerial(place, NULL);
  }
  // The next table may be wider.
  setSerial(last, NULL);
  rowsEnd = putTags(at, i);
  return true;
}

function serialAt(place: i32): i32 {
  return load<i32>(SERIALS + 4 * place);
}

function setSerial(place: i32, serial: i32): void {
  store<i32>(SERIALS + 4 * place, serial);
}

function setValue(place: i32, value: f64): void {
  store<f64>(VALUES + 8 * place, value);
}

function setColumns(i: i32, count: i32, columns: i32): void {
  for (let c = 0; c < count; c++) {
    const values = load<i32>(columns + 8 * c + 4);
    if (values === 0) continue;
    const value = load<f64>(values + 8 * i);
    if (isNaN(value)) continue;
    const type = load<i32>(columns + 8 * c);
    const place = COLUMNS_AT + c;
    setValue(place, value);
    if (type === TEXT) setSerial(place, textSerial(plainSize(<i32>value)));
    else setSerial(place, type === INTEGER ? integerSerial(value) : FLOAT);
  }
}

/** @returns bytes of the tags as JSON */
function setTags(i: i32, layer: i32): i64 {
  const places = PLACES + 2 * layer * keyCount;
  const from = startOf(TAG_ENDS, i);
  const to = endOf(TAG_ENDS, i);
  let size: i64 = to === from ? 2 : 1;
  for (let at = from; at < to; at += 2) {
    const key = load<i32>(TAGS + 4 * at);
    const value = load<i32>(TAGS + 4 * at + 4);
    size += 2 + jsonSize(key) + jsonSize(value);
    const place = <i32>load<u16>(places + 2 * <i32>load<u16>(KEYS + 2 * key));
    if (place === 0) continue;
    setValue(place, value);
    setSerial(place, textSerial(plainSize(value)));
  }
  return size;
}

/** Serial types, after the size of all this; makes room for the row. */
function putHeader(values: i32): bool {
  let header = 0;
  let content: i64 = 0;
  for (let place = 0; place < values; place++) {
    const serial = serialAt(place);
    header += serial < 128 ? 1 : varintSize(serial);
    content += contentSize(serial);
  }
  header += header < 127 ? 1 : 2;
  if (!reserve(rowsEnd, header + content)) return false;
  let at = putVarint(rowsEnd, header);
  for (let place = 0; place < values; place++) at = putVarint(at, serialAt(place));
  rowsEnd = at;
  return true;
}

function putTags(to: i32, i: i32): i32 {
  const from = startOf(TAG_ENDS, i);
  const end = endOf(TAG_ENDS, i);
  let at = to;
  if (from === end) store<u8>(at++, OPEN);
  for (let tag = from; tag < end; tag += 2) {
    store<u8>(at++, tag === from ? OPEN : COMMA);
    at = putJson(at, load<i32>(TAGS + 4 * tag));
    store<u8>(at++, COLON);
    at = putJson(at, load<i32>(TAGS + 4 * tag + 4));
  }
  store<u8>(at, CLOSE);
  return at + 1;
}
