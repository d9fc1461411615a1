const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The largest 32-bit number that is not above a value. Exact, and so monotonous: a node's box must hold those of its cells. */
function roundDown(value: number): number {
  float[0] = value;
  if ((float[0] as number) > value) stepBits(value > 0 ? -1 : 1);
  return float[0] as number;
}

function roundUp(value: number): number {
  float[0] = value;
  if ((float[0] as number) < value) stepBits(value < 0 ? -1 : 1);
  return float[0] as number;
}

/** minX, minY, maxX, maxY as 32-bit numbers, outwards: what an R-tree has. */
export function putBox(boxes: Float32Array, at: number, envelope: Float64Array): void {
  boxes[at] = roundDown(envelope[0] as number);
  boxes[at + 1] = roundDown(envelope[1] as number);
  boxes[at + 2] = roundUp(envelope[2] as number);
  boxes[at + 3] = roundUp(envelope[3] as number);
}

/** To the neighbour: away from zero by 1, towards it by -1. Zero itself is never rounded to from beyond: coordinates are no smaller than 1e-7. */
function stepBits(step: 1 | -1): void {
  bits[0] = (bits[0] as number) + step;
}
