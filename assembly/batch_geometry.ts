// Columns of a batch of features (`src/feature/feature_batch.ts`) and the boxes around them; addresses are set by the caller.

/** 16 bits. */
export let LAYERS: i32 = 0;
/** 32 bits each: where parts, rings, positions and tags end. */
export let PART_ENDS: i32 = 0;
export let RING_ENDS: i32 = 0;
export let POSITION_ENDS: i32 = 0;
export let TAG_ENDS: i32 = 0;
/** Indices of texts: key, value, key, value ... */
export let TAGS: i32 = 0;
/** 64 bits: x, y, x, y ... */
export let COORDINATES: i32 = 0;

/** Of each layer how many features; 64 bits. */
let FEATURE_COUNTS: i32 = 0;
/** minX, minY, maxX, maxY of them all; 64 bits each. */
let EXTENTS: i32 = 0;
/** Parts of the feature that was begun last. */
export let fromPart: i32 = 0;
export let toPart: i32 = 0;

/** Features without a position, or with one that is no place: they are left out. */
export let unplaced: i32 = 0;

export let minX: f64 = 0;
export let minY: f64 = 0;
export let maxX: f64 = 0;
export let maxY: f64 = 0;

export function placeColumns(
  layers: i32,
  parts: i32,
  rings: i32,
  positions: i32,
  tagEnds: i32,
  tags: i32,
  coordinates: i32,
): void {
  LAYERS = layers;
  PART_ENDS = parts;
  RING_ENDS = rings;
  POSITION_ENDS = positions;
  TAG_ENDS = tagEnds;
  TAGS = tags;
  COORDINATES = coordinates;
}

/** Begins to count. */
export function placeTally(counts: i32, extents: i32, layers: i32): void {
  FEATURE_COUNTS = counts;
  EXTENTS = extents;
  unplaced = 0;
  for (let layer = 0; layer < layers; layer++) {
    store<f64>(counts + 8 * layer, 0);
    const own = extents + 32 * layer;
    store<f64>(own, Infinity);
    store<f64>(own + 8, Infinity);
    store<f64>(own + 16, -Infinity);
    store<f64>(own + 24, -Infinity);
  }
}

export function layerOf(feature: i32): i32 {
  return <i32>load<u16>(LAYERS + 2 * feature);
}

/** Where something begins, by where those of its kind end. */
export function startOf(ends: i32, index: i32): i32 {
  return index === 0 ? 0 : load<i32>(ends + 4 * index - 4);
}

export function endOf(ends: i32, index: i32): i32 {
  return load<i32>(ends + 4 * index);
}

/** Begins a feature: its parts, and the box around it. False when it has no image in the file's system: it is counted, and to be left out. */
export function beginFeature(feature: i32): bool {
  fromPart = startOf(PART_ENDS, feature);
  toPart = endOf(PART_ENDS, feature);
  if (ringCount() > 0 && measure(firstPosition(), firstPosition() + positionCount())) return true;
  unplaced += 1;
  return false;
}

/** Of the feature that was begun last. */
export function ringCount(): i32 {
  return fromPart === toPart ? 0 : endOf(RING_ENDS, toPart - 1) - startOf(RING_ENDS, fromPart);
}

/** The same of one that has rings. */
export function positionCount(): i32 {
  return endOf(POSITION_ENDS, endOf(RING_ENDS, toPart - 1) - 1) - firstPosition();
}

function firstPosition(): i32 {
  return startOf(POSITION_ENDS, startOf(RING_ENDS, fromPart));
}

/** The box around positions. False when there is none, or one that is no place. */
function measure(from: i32, to: i32): bool {
  let west: f64 = Infinity;
  let south: f64 = Infinity;
  let east: f64 = -Infinity;
  let north: f64 = -Infinity;
  const end = COORDINATES + 16 * to;
  for (let at = COORDINATES + 16 * from; at < end; at += 16) {
    const x = load<f64>(at);
    const y = load<f64>(at + 8);
    if (!isFinite(x + y)) return false;
    // Compared, as elsewhere: `min` would tell the zeros apart.
    west = least(west, x);
    east = most(east, x);
    south = least(south, y);
    north = most(north, y);
  }
  minX = west;
  minY = south;
  maxX = east;
  maxY = north;
  return from < to;
}

/** Adds a feature with the box that was measured last. */
export function tally(layer: i32): void {
  const count = FEATURE_COUNTS + 8 * layer;
  store<f64>(count, load<f64>(count) + 1);
  const own = EXTENTS + 32 * layer;
  store<f64>(own, least(load<f64>(own), minX));
  store<f64>(own + 8, least(load<f64>(own + 8), minY));
  store<f64>(own + 16, most(load<f64>(own + 16), maxX));
  store<f64>(own + 24, most(load<f64>(own + 24), maxY));
}

function least(a: f64, b: f64): f64 {
  return b < a ? b : a;
}

function most(a: f64, b: f64): f64 {
  return b > a ? b : a;
}

/** Whether all features are of layers below one, and all tags of texts below another: what is beyond would be read out of something else. */
export function hasIndices(count: i32, layers: i32, tags: i32, texts: i32): bool {
  for (let feature = 0; feature < count; feature++) if (layerOf(feature) >= layers) return false;
  for (let tag = 0; tag < tags; tag++) if (load<u32>(TAGS + 4 * tag) >= <u32>texts) return false;
  return true;
}

/** The same of a column of texts; NaN is none. */
export function areTexts(values: i32, count: i32, texts: i32): bool {
  for (let at = values; at < values + 8 * count; at += 8) {
    const value = load<f64>(at);
    if (!isNaN(value) && !(value >= 0 && value < texts)) return false;
  }
  return true;
}
