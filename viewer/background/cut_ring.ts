/** Flat lon, lat, lon, lat ... in degrees. */
export type Flat = number[];

/** Longitudes without jumps of 360 degrees: a ring over the antimeridian goes on beyond 180. */
export function unwrap(ring: Flat): Flat {
  let shift = 0;
  return ring.map((value, index) => {
    if (index % 2 === 1) return value;
    const step = value - (ring[index - 2] ?? value);
    if (step > 180) shift -= 360;
    if (step < -180) shift += 360;
    return value + shift;
  });
}

/** A ring that goes round a pole ends 360 degrees away from where it began; it is closed over the pole. */
export function closeOverPole(ring: Flat): Flat {
  const first = ring[0] ?? 0;
  const last = ring.at(-2) ?? 0;
  if (Math.abs(last - first) < 180) return ring;
  const pole = (ring[1] ?? 0) < 0 ? -90 : 90;
  return [...ring, last, pole, first, pole, first, ring[1] ?? 0];
}

/** The side of `lon` on which `sign * (x - lon)` is positive (Sutherland and Hodgman, one edge). */
function cutAt(ring: Flat, lon: number, sign: 1 | -1): Flat {
  const cut: Flat = [];
  let [fromX = 0, fromY = 0] = ring.slice(-2);
  for (let index = 0; index < ring.length; index += 2) {
    const [x = 0, y = 0] = ring.slice(index, index + 2);
    const [from, to] = [sign * (fromX - lon), sign * (x - lon)];
    if (from >= 0 !== to >= 0) cut.push(lon, fromY + ((y - fromY) * from) / (from - to));
    if (to >= 0) cut.push(x, y);
    [fromX, fromY] = [x, y];
  }
  return cut;
}

/** Pieces of a spherical ring on the plane of longitudes -180 to 180. */
export function cutRing(ring: Flat): Flat[] {
  const whole = closeOverPole(unwrap(ring));
  return [-360, 0, 360].flatMap((shift) => {
    const moved = whole.map((value, index) => (index % 2 === 0 ? value + shift : value));
    const piece = cutAt(cutAt(moved, -180, 1), 180, -1);
    // What only touches the cut has no width.
    return piece.some((value, index) => index % 2 === 0 && value !== piece[0]) ? [piece] : [];
  });
}

/** A line without its steps over the antimeridian. */
export function cutLine(line: Flat): Flat[] {
  const pieces: Flat[] = [[]];
  line.forEach((value, index) => {
    const before = line[index - 2];
    if (index % 2 === 0 && before !== undefined && Math.abs(value - before) > 180) pieces.push([]);
    pieces.at(-1)?.push(value);
  });
  return pieces.filter((piece) => piece.length >= 4);
}
