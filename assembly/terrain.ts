// Slope and hillshade, four cells at a time: src/terrain/kernels says what they are. A window of heights has one cell around it (f32, NaN where
// there is no height); what comes out has none. Sums are made in gdaldem's order.

const ZEVENBERGEN_THORNE: i32 = 1;

// What is made of a cell.
const DEGREES: i32 = 0;
const PERCENT: i32 = 1;
const SINGLE: i32 = 2;
const COMBINED: i32 = 3;

const DEGREES_OF_RADIAN: f32 = 57.29577951308232;
const GREYS: f32 = 254;

/**
 * Of numbers from 0 on, within 4.4e-6 of it: a polynomial in the square with the least relative error on 0 to 1, beyond which 1 / x is taken. Its
 * terms are put together in pairs (Estrin): one behind the other they would be what a cell waits for.
 */
function arcTangent(x: v128): v128 {
  const one = f32x4.splat(1);
  const inner = f32x4.div(f32x4.pmin(x, one), f32x4.pmax(x, one));
  const z = f32x4.mul(inner, inner);
  const z2 = f32x4.mul(z, z);
  const low = f32x4.sub(f32x4.splat(0.9999956420099709), f32x4.mul(z, f32x4.splat(0.3329948442344296)));
  const middle = f32x4.sub(f32x4.splat(0.1956373021428516), f32x4.mul(z, f32x4.splat(0.1212421977654289)));
  const high = f32x4.sub(f32x4.splat(0.05748041857063539), f32x4.mul(z, f32x4.splat(0.013481590491843873)));
  const lowHalf = f32x4.add(low, f32x4.mul(z2, middle));
  const series = f32x4.add(lowHalf, f32x4.mul(f32x4.mul(z2, z2), high));
  const angle = f32x4.mul(series, inner);
  return v128.bitselect(f32x4.sub(f32x4.splat(1.5707963267948966), angle), angle, f32x4.gt(x, one));
}

/** 1 - angle to the light x slope / 90 degrees squared; the angle as twice the arc tangent of half of it. */
function combined(light: v128, steep: v128): v128 {
  const one = f32x4.splat(1);
  const cosine = f32x4.pmax(f32x4.pmin(light, one), f32x4.splat(-0.9999999));
  const half = arcTangent(f32x4.sqrt(f32x4.div(f32x4.sub(one, cosine), f32x4.add(one, cosine))));
  const slope = arcTangent(f32x4.sqrt(steep));
  return f32x4.sub(one, f32x4.mul(f32x4.mul(half, slope), f32x4.splat(0.8105694691387022)));
}

function atLeastZero(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** @param x, y rises to the east and north @param up, flat sine and cosine of the lights' altitude */
function multidirectional(x: v128, y: v128, steep: v128, length: v128, up: v128, flat: v128): v128 {
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

/** The last four cells of a row again, where its width is no multiple of four. */
function nextX(x: i32, width: i32): i32 {
  const next = x + 4;
  return next < width && next > width - 4 ? width - 4 : next;
}

/**
 * @param width at least 4
 * @param scales of each row: zFactor / (n x cell width), zFactor / (n x cell height), f32; n is 8 by Horn, 2 by Zevenbergen and Thorne
 * @param kind of slope: an f32 each; of hillshade: a byte each, from 1 to 255, and 0 where there is nothing
 * @param up, east, north of the direction to the light; of many lights, sine and cosine of their altitude and nothing
 * @returns 1 when a height was missing anywhere
 */
export function analyse(
  heights: usize,
  width: i32,
  rows: i32,
  scales: usize,
  method: i32,
  kind: i32,
  up: f32,
  east: f32,
  north: f32,
  out: usize,
): i32 {
  const stride = (<usize>width + 2) << 2;
  const zero = f32x4.splat(0);
  const ups = f32x4.splat(up);
  const easts = f32x4.splat(east);
  const norths = f32x4.splat(north);
  let gaps = zero;
  for (let row = 0; row < rows; row++) {
    const first = heights + (<usize>row + 1) * stride + 4;
    const scaleX = v128.load32_splat(scales + ((<usize>row) << 3));
    const scaleY = v128.load32_splat(scales + ((<usize>row) << 3) + 4);
    for (let column = 0; column < width; column = nextX(column, width)) {
      const ptr = first + ((<usize>column) << 2);
      const above = ptr - stride;
      const below = ptr + stride;
      const nw = v128.load(above - 4);
      const n = v128.load(above);
      const ne = v128.load(above + 4);
      const w = v128.load(ptr - 4);
      const e = v128.load(ptr + 4);
      const sw = v128.load(below - 4);
      const s = v128.load(below);
      const se = v128.load(below + 4);
      let x = f32x4.sub(e, w);
      let y = f32x4.sub(n, s);
      if (method !== ZEVENBERGEN_THORNE) {
        const toEast = f32x4.add(f32x4.add(f32x4.add(ne, e), e), se);
        const toWest = f32x4.add(f32x4.add(f32x4.add(nw, w), w), sw);
        const toNorth = f32x4.add(f32x4.add(f32x4.add(nw, n), n), ne);
        const toSouth = f32x4.add(f32x4.add(f32x4.add(sw, s), s), se);
        x = f32x4.sub(toEast, toWest);
        y = f32x4.sub(toNorth, toSouth);
      }
      // NaN times 0 is NaN: a height that is missing anywhere makes both rises NaN.
      const corners = f32x4.add(f32x4.add(nw, ne), f32x4.add(sw, se));
      const cross = f32x4.add(f32x4.add(n, s), f32x4.add(w, e));
      const missing = f32x4.mul(f32x4.add(f32x4.add(corners, cross), v128.load(ptr)), zero);
      gaps = f32x4.add(gaps, missing);
      x = f32x4.add(f32x4.mul(x, scaleX), missing);
      y = f32x4.add(f32x4.mul(y, scaleY), missing);
      const steep = f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y));
      const at = <usize>row * <usize>width + <usize>column;
      if (kind <= PERCENT) {
        const rise = f32x4.sqrt(steep);
        const value =
          kind === DEGREES
            ? f32x4.mul(arcTangent(rise), f32x4.splat(DEGREES_OF_RADIAN))
            : f32x4.mul(rise, f32x4.splat(100));
        v128.store(out + (at << 2), value);
        continue;
      }
      const length = f32x4.sqrt(f32x4.add(f32x4.splat(1), steep));
      let shade: v128;
      if (kind <= COMBINED) {
        const facing = f32x4.sub(f32x4.sub(ups, f32x4.mul(x, easts)), f32x4.mul(y, norths));
        shade = f32x4.div(facing, length);
        if (kind !== SINGLE) shade = combined(shade, steep);
      } else shade = multidirectional(x, y, steep, length, ups, easts);
      // Rounded by what is cut off; NaN becomes 0.
      const grey = f32x4.add(f32x4.mul(atLeastZero(shade), f32x4.splat(GREYS)), f32x4.splat(1.5));
      const words = i32x4.trunc_sat_f32x4_u(grey);
      const bytes = i8x16.shuffle(words, words, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
      v128.store32_lane(out + at, bytes, 0);
    }
  }
  return v128.any_true(f32x4.ne(gaps, gaps)) ? 1 : 0;
}
