/** Adler-32 (RFC 1950, section 8.2), 16 bytes at a time. */
export function checksum(from: usize, end: usize): u32 {
  const weightsLow = i16x8(16, 15, 14, 13, 12, 11, 10, 9);
  const weightsHigh = i16x8(8, 7, 6, 5, 4, 3, 2, 1);
  let a: u32 = 1;
  let b: u32 = 0;
  while (end - from >= 16) {
    // As many as 32 bits hold the sums of.
    const stop = from + min<usize>((end - from) & ~15, 4096);
    let sums = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    let before = i32x4.splat(0);
    const count = <u32>(stop - from);
    for (; from < stop; from += 16) {
      const x = v128.load(from);
      before = i32x4.add(before, sums);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(x)));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(x), weightsLow));
      weighted = i32x4.add(weighted, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(x), weightsHigh));
    }
    b = (b + a * count + 16 * sumLanes(before) + sumLanes(weighted)) % 65521;
    a = (a + sumLanes(sums)) % 65521;
  }
  for (; from < end; from++) {
    a += load<u8>(from);
    b += a;
  }
  return ((b % 65521) << 16) | (a % 65521);
}

function sumLanes(x: v128): u32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}
