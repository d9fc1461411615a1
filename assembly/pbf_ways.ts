// Ways of an `.osm.pbf` block.
import { addRef, addWay, addWayTag } from "./pbf_columns";
import { hasFlags, MAX_ID } from "./pbf_nodes";
import {
  at,
  beDamaged,
  beginAt,
  BYTES,
  field,
  fieldEnd,
  nextField,
  readSigned,
  readVarint,
  skipField,
  VARINT,
  wire,
} from "./pbf_varints";

// Of the way that is read: where its lists begin and end, 0 for one that it does not have.
let id: i64 = 0;
let keys: i32 = 0;
let keysEnd: i32 = 0;
let values: i32 = 0;
let valuesEnd: i32 = 0;
let refs: i32 = 0;
let refsEnd: i32 = 0;

/** Fields of `Way`: id 1, keys 2, values 3, info 4, refs 8. False for one that has its places (lat 9, lon 10) with it. */
export function readWay(end: i32, wantsRefs: bool): bool {
  id = 0;
  keys = keysEnd = values = valuesEnd = refs = refsEnd = 0;
  while (nextField(end)) if (!noteField() || (wantsRefs && (field === 9 || field === 10))) return false;
  if (at !== end || abs(id) > MAX_ID || !readTags()) return false;
  const isRing = readRefs(wantsRefs);
  if (at !== refsEnd && refs !== 0) return false;
  addWay(id, isRing);
  beginAt(end);
  return true;
}

/** False for what is rare: a list in pieces, the flag of a deleted way. */
function noteField(): bool {
  if (field === 1) {
    if (wire !== VARINT) return false;
    id = readVarint();
    return true;
  }
  if (field === 4) return wire === BYTES && !hasFlags(fieldEnd);
  if (field === 2 || field === 3 || field === 8) {
    if (wire !== BYTES) return false;
    if (field === 2) {
      if (keys !== 0) return false;
      keys = at;
      keysEnd = fieldEnd;
    } else if (field === 3) {
      if (values !== 0) return false;
      values = at;
      valuesEnd = fieldEnd;
    } else {
      if (refs !== 0) return false;
      refs = at;
      refsEnd = fieldEnd;
    }
  }
  skipField();
  return true;
}

/** As many keys as values. */
function readTags(): bool {
  while (keys < keysEnd && values < valuesEnd) {
    beginAt(keys);
    const key = readVarint();
    keys = at;
    beginAt(values);
    const value = readVarint();
    values = at;
    if (<u64>key > <u64>i32.MAX_VALUE || <u64>value > <u64>i32.MAX_VALUE) return false;
    addWayTag(<i32>key, <i32>value);
  }
  return keys === keysEnd && values === valuesEnd;
}

/** @returns whether there are four or more, and the last one is the first */
function readRefs(isWanted: bool): bool {
  beginAt(refs);
  let ref: i64 = 0;
  let first: i64 = 0;
  let count = 0;
  for (; at < refsEnd; count++) {
    ref += readSigned();
    if (count === 0) first = ref;
    if (abs(ref) > MAX_ID) beDamaged();
    else if (isWanted) addRef(ref);
  }
  return count >= 4 && ref === first;
}
