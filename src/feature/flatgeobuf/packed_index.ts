import type { Bbox } from "../../geo/index.ts";

/** Children of a node; what the format's other writers use. */
export const NODE_SIZE = 16;
/** Four numbers and an offset. */
const NODE_BYTES = 40;
const HILBERT_MAX = 0xffff;

/** Indices of boxes along a Hilbert curve over the extent: neighbours in the file are neighbours on the ground. */
export function hilbertOrder(boxes: Float64Array, [minX, minY, maxX, maxY]: Bbox): Uint32Array<ArrayBuffer> {
  const count = boxes.length / 4;
  const place = (low: number, high: number, from: number, to: number): number =>
    to === from ? 0 : Math.floor((HILBERT_MAX * ((low + high) / 2 - from)) / (to - from));
  const places = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const [west, south, east, north] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    places[i] = hilbert(place(west, east, minX, maxX), place(south, north, minY, maxY));
  }
  const order = Uint32Array.from(places, (_place, i) => i);
  // By number where places are the same: the same features always give the same file.
  return order.sort((a, b) => (places[a] as number) - (places[b] as number) || a - b);
}

/** Distance along the curve of a cell of 65,536 x 65,536. */
export function hilbert(x: number, y: number): number {
  let distance = 0;
  for (let side = (HILBERT_MAX + 1) / 2; side >= 1; side /= 2) {
    const [right, up] = [(x & side) > 0 ? 1 : 0, (y & side) > 0 ? 1 : 0];
    distance += side * side * ((3 * right) ^ up);
    if (up === 0) {
      if (right === 1) [x, y] = [HILBERT_MAX - x, HILBERT_MAX - y];
      [x, y] = [y, x];
    }
  }
  return distance;
}

/**
 * The index as it stands in the file: a packed R-tree, the root first, the leaves last and in the order of the features. A leaf's offset is
 * that of its feature in bytes, an inner node's the number of its first child.
 * @param order of the features in the file; `sizes` their bytes, by their number as the boxes
 */
export function packedIndex(boxes: Float64Array, order: Uint32Array, sizes: Uint32Array): Uint8Array<ArrayBuffer> {
  const levels = levelStarts(order.length);
  const leaves = levels[0] as number;
  const bytes = new Uint8Array((leaves + order.length) * NODE_BYTES);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const [place, feature] of order.entries()) {
    writeNode(view, leaves + place, boxes.subarray(4 * feature, 4 * feature + 4), offset);
    offset += sizes[feature] as number;
  }
  for (let level = 1; level < levels.length; level++) {
    const [from, to] = [levels[level] as number, levels[level - 1] as number];
    const end = level === 1 ? leaves + order.length : (levels[level - 2] as number);
    for (let node = from; node < to; node++) {
      const first = to + (node - from) * NODE_SIZE;
      writeNode(view, node, boxAround(view, first, Math.min(first + NODE_SIZE, end)), first);
    }
  }
  return bytes;
}

/** Number of the first node of each level, from the leaves up to the root, which is 0. */
function levelStarts(count: number): number[] {
  const counts = [count];
  do counts.push(Math.ceil((counts.at(-1) as number) / NODE_SIZE));
  while (counts.at(-1) !== 1);
  let before = counts.reduce((sum, each) => sum + each, 0);
  return counts.map((each) => (before -= each));
}

function writeNode(view: DataView, node: number, box: ArrayLike<number>, offset: number): void {
  const at = node * NODE_BYTES;
  for (let i = 0; i < 4; i++) view.setFloat64(at + 8 * i, box[i] as number, true);
  view.setBigUint64(at + 32, BigInt(offset), true);
}

function boxAround(view: DataView, from: number, to: number): Bbox {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = from * NODE_BYTES; at < to * NODE_BYTES; at += NODE_BYTES) {
    for (let i = 0; i < 2; i++) {
      box[i] = Math.min(box[i] as number, view.getFloat64(at + 8 * i, true));
      box[2 + i] = Math.max(box[2 + i] as number, view.getFloat64(at + 16 + 8 * i, true));
    }
  }
  return box;
}
