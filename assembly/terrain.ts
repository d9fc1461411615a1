// Slope and hillshade, four cells at a time: src/terrain/kernels says what they are. A window of heights has one cell around it (f32, NaN where
// there is no height); what comes out has none. Sums are made in gdaldem's order.

// What is made of a cell stands fast in each function: asked anew for each four cells it costs 6 to 15 % of the speed.
class Degrees {}
class Percent {}
class Single {}
class Combined {}
class Multidirectional {}

// Where numbers lie in the memory, f32 each. A vector in the code itself is put together anew for each four cells, which takes longer than to read it: slope
// ran at 430 megapixels/s instead of 600.
const ONE: usize = 0;
const HUNDRED: usize = 4;
const GREYS: usize = 8;
const ROUNDING: usize = 12;
// A quarter of a turn and the six terms of the arc tangent, in radians and in degrees.
const IN_RADIANS: usize = 16;
const IN_DEGREES: usize = 44;
// 1 by Horn, 0 by Zevenbergen and Thorne.
const HORN: usize = 72;
// The direction to the light; of many lights, sine and cosine of their altitude and nothing.
const UP: usize = 76;
const EAST: usize = 80;
const NORTH: usize = 84;

function term(series: usize, index: usize): v128 {
  return v128.load32_splat(series + (index << 2), 4);
}

/**
 * Of the root of numbers from 0 on, within 4.4e-6 of it: a polynomial in the square with the least relative error on 0 to 1, beyond which 1 / x is taken. Its
 * terms are put together in pairs (Estrin): one behind the other they would be what a cell waits for.
 * @param series in the unit of the angle
 */
function arcTangentOfRoot(x: v128, one: v128, series: usize): v128 {
  const z = f32x4.div(f32x4.pmin(x, one), f32x4.pmax(x, one));
  const z2 = f32x4.mul(z, z);
  const low = f32x4.sub(term(series, 0), f32x4.mul(z, term(series, 1)));
  const middle = f32x4.sub(term(series, 2), f32x4.mul(z, term(series, 3)));
  const high = f32x4.sub(term(series, 4), f32x4.mul(z, term(series, 5)));
  const lowHalf = f32x4.add(low, f32x4.mul(z2, middle));
  const ratio = f32x4.add(lowHalf, f32x4.mul(f32x4.mul(z2, z2), high));
  const angle = f32x4.mul(ratio, f32x4.sqrt(z));
  return v128.bitselect(f32x4.sub(v128.load32_splat(series), angle), angle, f32x4.gt(x, one));
}

/** 1 - angle to the light x slope / 90 degrees squared; the angle as twice the arc tangent of half of it. */
function combinedShade(light: v128, steep: v128, one: v128, series: usize): v128 {
  const cosine = f32x4.pmax(f32x4.pmin(light, one), f32x4.splat(-0.9999999));
  const half = arcTangentOfRoot(f32x4.div(f32x4.sub(one, cosine), f32x4.add(one, cosine)), one, series);
  const slope = arcTangentOfRoot(steep, one, series);
  return f32x4.sub(one, f32x4.mul(f32x4.mul(half, slope), f32x4.splat(0.8105694691387022)));
}

function atLeastZero(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** @param x, y rises to the east and north @param up, flat sine and cosine of the lights' altitude */
function multidirectionalShade(x: v128, y: v128, steep: v128, length: v128, up: v128, flat: v128): v128 {
  const diagonal = f32x4.mul(flat, f32x4.splat(0.7071067811865476));
  const southWest = atLeastZero(f32x4.add(up, f32x4.mul(f32x4.add(x, y), diagonal)));
  const west = atLeastZero(f32x4.add(up, f32x4.mul(x, flat)));
  const northWest = atLeastZero(f32x4.add(up, f32x4.mul(f32x4.sub(x, y), diagonal)));
  const north = atLeastZero(f32x4.sub(up, f32x4.mul(y, flat)));
  const across = f32x4.add(f32x4.mul(f32x4.splat(0.5), steep), f32x4.mul(x, y));
  let sum = f32x4.mul(across, southWest);
  sum = f32x4.add(sum, f32x4.mul(f32x4.mul(x, x), west));
  sum = f32x4.add(sum, f32x4.mul(f32x4.sub(steep, across), northWest));
  sum = f32x4.add(sum, f32x4.mul(f32x4.mul(y, y), north));
  const shade = f32x4.div(sum, f32x4.mul(f32x4.mul(f32x4.splat(2), steep), length));
  return v128.bitselect(up, shade, f32x4.eq(steep, f32x4.splat(0)));
}

/**
 * @param width at least 4
 * @param scales of each row: zFactor / (n x cell width), zFactor / (n x cell height), f32; n is 8 by Horn, 2 by Zevenbergen and Thorne
 * @param numbers src/terrain/kernels/fast_kernels.ts puts them there
 * @param out of slope: an f32 each; of hillshade: a byte each, from 1 to 255, and 0 where there is nothing
 * @returns 1 when a height was missing anywhere
 */
function analyse<Kind>(heights: usize, width: i32, rows: i32, scales: usize, numbers: usize, out: usize): i32 {
  const stride = (<usize>width + 2) << 2;
  const zero = f32x4.splat(0);
  const one = v128.load32_splat(numbers, ONE);
  const isHorn = load<f32>(numbers, HORN) !== 0;
  const ups = v128.load32_splat(numbers, UP);
  const easts = v128.load32_splat(numbers, EAST);
  const norths = v128.load32_splat(numbers, NORTH);
  const isSlope = idof<Kind>() === idof<Degrees>() || idof<Kind>() === idof<Percent>();
  // Cells of four bytes come out as 4 or 1.
  const shift: usize = isSlope ? 0 : 2;
  let to = out;
  let gaps = zero;
  for (let row = 0; row < rows; row++) {
    const scaleX = v128.load32_splat(scales + ((<usize>row) << 3));
    const scaleY = v128.load32_splat(scales + ((<usize>row) << 3), 4);
    let above = heights + <usize>row * stride;
    const last = above + ((<usize>width - 4) << 2);
    while (true) {
      const beside = above + stride;
      const below = beside + stride;
      const nw = v128.load(above);
      const n = v128.load(above, 4);
      const ne = v128.load(above, 8);
      const w = v128.load(beside);
      const e = v128.load(beside, 8);
      const sw = v128.load(below);
      const s = v128.load(below, 4);
      const se = v128.load(below, 8);
      let x = f32x4.sub(e, w);
      let y = f32x4.sub(n, s);
      // NaN times 0 is NaN, and so is all that it is added to.
      let missing = f32x4.mul(v128.load(beside, 4), zero);
      if (isHorn) {
        const toEast = f32x4.add(f32x4.add(f32x4.add(ne, e), e), se);
        const toWest = f32x4.add(f32x4.add(f32x4.add(nw, w), w), sw);
        const toNorth = f32x4.add(f32x4.add(f32x4.add(nw, n), n), ne);
        const toSouth = f32x4.add(f32x4.add(f32x4.add(sw, s), s), se);
        x = f32x4.sub(toEast, toWest);
        y = f32x4.sub(toNorth, toSouth);
      } else {
        missing = f32x4.add(missing, f32x4.add(f32x4.mul(nw, zero), f32x4.mul(ne, zero)));
        missing = f32x4.add(missing, f32x4.add(f32x4.mul(sw, zero), f32x4.mul(se, zero)));
      }
      x = f32x4.mul(x, scaleX);
      y = f32x4.mul(y, scaleY);
      const steep = f32x4.add(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)), missing);
      gaps = f32x4.add(gaps, steep);
      if (idof<Kind>() === idof<Degrees>()) {
        v128.store(to, arcTangentOfRoot(steep, one, numbers + IN_DEGREES));
      } else if (idof<Kind>() === idof<Percent>()) {
        v128.store(to, f32x4.mul(f32x4.sqrt(steep), v128.load32_splat(numbers, HUNDRED)));
      } else {
        const length = f32x4.sqrt(f32x4.add(one, steep));
        let shade: v128;
        if (idof<Kind>() === idof<Multidirectional>()) {
          shade = multidirectionalShade(x, y, steep, length, ups, easts);
        } else {
          const facing = f32x4.sub(f32x4.sub(ups, f32x4.mul(x, easts)), f32x4.mul(y, norths));
          shade = f32x4.div(facing, length);
          if (idof<Kind>() === idof<Combined>()) shade = combinedShade(shade, steep, one, numbers + IN_RADIANS);
        }
        const greys = f32x4.mul(atLeastZero(shade), v128.load32_splat(numbers, GREYS));
        // Rounded by what is cut off; NaN becomes 0.
        const words = i32x4.trunc_sat_f32x4_s(f32x4.add(greys, v128.load32_splat(numbers, ROUNDING)));
        const bytes = i8x16.shuffle(words, words, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
        v128.store32_lane(to, bytes, 0);
      }
      // The last four cells of a row are done again where its width is no multiple of four.
      const next = min(above + 16, last);
      to += (above === last ? 16 : next - above) >> shift;
      if (above === last) break;
      above = next;
    }
  }
  return v128.any_true(f32x4.ne(gaps, gaps)) ? 1 : 0;
}

export function degrees(heights: usize, width: i32, rows: i32, scales: usize, numbers: usize, out: usize): i32 {
  return analyse<Degrees>(heights, width, rows, scales, numbers, out);
}

export function percent(heights: usize, width: i32, rows: i32, scales: usize, numbers: usize, out: usize): i32 {
  return analyse<Percent>(heights, width, rows, scales, numbers, out);
}

export function single(heights: usize, width: i32, rows: i32, scales: usize, numbers: usize, out: usize): i32 {
  return analyse<Single>(heights, width, rows, scales, numbers, out);
}

export function combined(heights: usize, width: i32, rows: i32, scales: usize, numbers: usize, out: usize): i32 {
  return analyse<Combined>(heights, width, rows, scales, numbers, out);
}

export function multidirectional(
  heights: usize,
  width: i32,
  rows: i32,
  scales: usize,
  numbers: usize,
  out: usize,
): i32 {
  return analyse<Multidirectional>(heights, width, rows, scales, numbers, out);
}

/** What is NaN becomes `value`, in place. */
export function fillMissing(ptr: usize, count: i32, value: f32): void {
  const values = f32x4.splat(value);
  const end = ptr + ((<usize>count) << 2);
  for (; ptr + 16 <= end; ptr += 16) {
    const x = v128.load(ptr);
    v128.store(ptr, v128.bitselect(x, values, f32x4.eq(x, x)));
  }
  for (; ptr < end; ptr += 4) {
    const x = load<f32>(ptr);
    if (x !== x) store<f32>(ptr, value);
  }
}
