// Dense nodes of an `.osm.pbf` block.
import { addNode, addNodeTag } from "./pbf_columns";
import { at, beginAt, BYTES, field, fieldEnd, nextField, readSigned, readVarint, skipField, wire } from "./pbf_varints";

const MAX_LON: i64 = 1_800_000_000;
const MAX_LAT: i64 = 900_000_000;
export const MAX_ID: i64 = 9_007_199_254_740_991;

// Where the lists of the message begin and end; 0 for one that it does not have.
let ids: i32 = 0;
let idsEnd: i32 = 0;
let lats: i32 = 0;
let latsEnd: i32 = 0;
let lons: i32 = 0;
let lonsEnd: i32 = 0;
let tags: i32 = 0;
let tagsEnd: i32 = 0;

/** Fields of `DenseNodes`: id 1, denseinfo 5, lat 8, lon 9, keys_vals 10. */
export function readNodes(end: i32): bool {
  ids = idsEnd = lats = latsEnd = lons = lonsEnd = tags = tagsEnd = 0;
  while (nextField(end)) if (!noteList()) return false;
  if (at !== end) return false;
  let id: i64 = 0;
  let lat: i64 = 0;
  let lon: i64 = 0;
  while (ids < idsEnd) {
    beginAt(ids);
    id += readSigned();
    ids = at;
    beginAt(lats);
    lat += readSigned();
    lats = at;
    beginAt(lons);
    lon += readSigned();
    lons = at;
    if (abs(lat) > MAX_LAT || abs(lon) > MAX_LON || abs(id) > MAX_ID || !readTags()) return false;
    addNode(id, <i32>lon, <i32>lat);
  }
  beginAt(end);
  return ids === idsEnd && lats === latsEnd && lons === lonsEnd && tags <= tagsEnd;
}

/** False for what is rare: a list in pieces, flags of deleted nodes. */
function noteList(): bool {
  if (wire !== BYTES) return false;
  if (field === 5) return !hasFlags(fieldEnd);
  if (field === 1) {
    if (ids !== 0) return false;
    ids = at;
    idsEnd = fieldEnd;
  } else if (field === 8) {
    if (lats !== 0) return false;
    lats = at;
    latsEnd = fieldEnd;
  } else if (field === 9) {
    if (lons !== 0) return false;
    lons = at;
    lonsEnd = fieldEnd;
  } else if (field === 10) {
    if (tags !== 0) return false;
    tags = at;
    tagsEnd = fieldEnd;
  }
  skipField();
  return true;
}

/** Whether the message of versions says which objects were deleted (field 6), or is damaged. */
export function hasFlags(end: i32): bool {
  while (nextField(end)) {
    if (field === 6) return true;
    skipField();
  }
  return at !== end;
}

/** Key, value, key, value ..., those of a node ended by 0; behind the end there are none. */
function readTags(): bool {
  beginAt(tags);
  for (let key = nextTag(); key !== 0; key = nextTag()) {
    const value = nextTag();
    if (key < 0 || value < 0) return false;
    addNodeTag(key);
    addNodeTag(value);
  }
  tags = at;
  return true;
}

/** -1 for one of more than 31 bits. */
function nextTag(): i32 {
  if (at >= tagsEnd) return 0;
  const text = readVarint();
  return <u64>text > <u64>i32.MAX_VALUE ? -1 : <i32>text;
}
