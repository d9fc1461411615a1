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

/** Where the positions of parts, from one up to another, begin. */
export function firstPosition(fromPart: i32, toPart: i32): i32 {
  if (fromPart === toPart) return 0;
  const ring = startOf(RING_ENDS, fromPart);
  return ring === endOf(RING_ENDS, toPart - 1) ? 0 : startOf(POSITION_ENDS, ring);
}

export function lastPosition(fromPart: i32, toPart: i32): i32 {
  if (fromPart === toPart) return 0;
  const end = endOf(RING_ENDS, toPart - 1);
  return end === startOf(RING_ENDS, fromPart) ? 0 : endOf(POSITION_ENDS, end - 1);
}

/** The box around positions. False when there is none, or one that is no place: it has no image in the file's system. */
export function measure(from: i32, to: i32): bool {
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

export function leaveOut(): void {
  unplaced += 1;
}
