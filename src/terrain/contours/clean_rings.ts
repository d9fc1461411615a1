/** Twice the area of a closed ring: positive when the land lies to the left of one who sees y grow upwards. Measured from its first position. */
export function doubleArea(ring: Float64Array): number {
  const [x0 = 0, y0 = 0] = ring;
  let sum = 0;
  for (let i = 2; i + 3 < ring.length; i += 2)
    sum +=
      ((ring[i] as number) - x0) * ((ring[i + 3] as number) - y0) -
      ((ring[i + 2] as number) - x0) * ((ring[i + 1] as number) - y0);
  return sum;
}

/** Without positions that repeat the one before. */
export function dropRepeats(line: Float64Array): Float64Array {
  let length = 0;
  for (let i = 0; i < line.length; i += 2) {
    if (length > 0 && line[i] === line[length - 2] && line[i + 1] === line[length - 1]) continue;
    line[length++] = line[i] as number;
    line[length++] = line[i + 1] as number;
  }
  return line.subarray(0, length);
}

/**
 * A ring as rings that touch none of their positions twice: around two gaps that touch at a corner goes one ring, which no polygon may have
 * (OGC 06-103r4, 6.1.11.1). Rings without area are left out.
 */
export function splitRing(ring: Float64Array): Float64Array[] {
  const rings: Float64Array[] = [];
  const open = new Float64Array(ring.length);
  const places = new Map<number, number>();
  let length = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = [ring[i] as number, ring[i + 1] as number];
    const before = places.get(hash(x, y));
    if (before !== undefined && before < length && open[before] === x && open[before + 1] === y) {
      pushRing(rings, open.slice(before, length + 2), x, y);
      length = before;
    } else places.set(hash(x, y), length);
    open[length++] = x;
    open[length++] = y;
  }
  return rings;
}

function pushRing(rings: Float64Array[], ring: Float64Array, x: number, y: number): void {
  ring[ring.length - 2] = x;
  ring[ring.length - 1] = y;
  if (ring.length >= 8 && doubleArea(ring) !== 0) rings.push(ring);
}

/** Of positions that differ seldom the same; then a repeated one is not seen. */
function hash(x: number, y: number): number {
  return x * 4_099.5 + y * 0.754_877_666;
}

/** Rings of one region as polygons: an outer ring, then its holes. */
export function polygonsOf(rings: readonly Float64Array[]): Float64Array[][] {
  const simple = rings.flatMap((ring) => splitRing(dropRepeats(ring)));
  const outer = simple.filter((ring) => doubleArea(ring) > 0);
  const holes = simple.filter((ring) => doubleArea(ring) < 0);
  const [only] = outer;
  if (only !== undefined && outer.length === 1) return [[only, ...holes]];
  // Parts that hung together by less than a number can say.
  return outer.map((ring) => [ring, ...holes.filter((hole) => isInside(hole, ring, outer))]);
}

/** Whether that is the smallest ring around the hole. */
function isInside(hole: Float64Array, ring: Float64Array, all: readonly Float64Array[]): boolean {
  const around = all.filter((one) => hasInside(one, hole));
  return around.every((one) => doubleArea(one) >= doubleArea(ring)) && around.includes(ring);
}

/** By the middle of the hole's first step: its positions may lie on the ring. */
function hasInside(ring: Float64Array, [x0 = 0, y0 = 0, x1 = 0, y1 = 0]: Float64Array): boolean {
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  let isIn = false;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const [ax, ay, bx, by] = ring.subarray(i, i + 4) as unknown as [number, number, number, number];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isIn = !isIn;
  }
  return isIn;
}
