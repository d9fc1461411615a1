// Sums of float32 values, four at a time: src/raster/geotiff/block_statistics.ts says what they are. NaN and `marked` are no data; the sums are of distances
// from `origin`, in double precision.

/** @param out where five float64 go: count, least, most, sum, sum of squares */
export function sumFloats(ptr: i32, count: i32, marked: f32, origin: f64, out: i32): void {
  const marks = f32x4.splat(marked);
  const origins = f64x2.splat(origin);
  const above = f32x4.splat(Infinity);
  const below = f32x4.splat(-Infinity);
  let least = above;
  let most = below;
  let valid: i32 = 0;
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  let squaresLow = f64x2.splat(0);
  let squaresHigh = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(ptr + 4 * i);
    const isData = v128.and(f32x4.eq(x, x), f32x4.ne(x, marks));
    valid += popcnt<i32>(i32x4.bitmask(isData));
    // Of what is no data, the places hold nothing that changes a result.
    least = f32x4.pmin(least, v128.bitselect(x, above, isData));
    most = f32x4.pmax(most, v128.bitselect(x, below, isData));
    const low = v128.and(f64x2.sub(f64x2.promote_low_f32x4(x), origins), i64x2.extend_low_i32x4_s(isData));
    const high = v128.and(
      f64x2.sub(f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0)), origins),
      i64x2.extend_high_i32x4_s(isData),
    );
    sumLow = f64x2.add(sumLow, low);
    sumHigh = f64x2.add(sumHigh, high);
    squaresLow = f64x2.add(squaresLow, f64x2.mul(low, low));
    squaresHigh = f64x2.add(squaresHigh, f64x2.mul(high, high));
  }
  const sums = f64x2.add(sumLow, sumHigh);
  const squares = f64x2.add(squaresLow, squaresHigh);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  let square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1);
  let lowest = min(
    min(f32x4.extract_lane(least, 0), f32x4.extract_lane(least, 1)),
    min(f32x4.extract_lane(least, 2), f32x4.extract_lane(least, 3)),
  );
  let highest = max(
    max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
    max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
  );
  for (; i < count; i++) {
    const x = load<f32>(ptr + 4 * i);
    if (x !== x || x === marked) continue;
    const distance = <f64>x - origin;
    valid++;
    sum += distance;
    square += distance * distance;
    lowest = min(lowest, x);
    highest = max(highest, x);
  }
  store<f64>(out, <f64>valid);
  store<f64>(out, <f64>lowest, 8);
  store<f64>(out, <f64>highest, 16);
  store<f64>(out, sum, 24);
  store<f64>(out, square, 32);
}
