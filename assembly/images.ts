// Whole images: what alpha they have, copies, and from four channels to three, for assembly/warp.ts.

/** Smallest and greatest alpha of `count` pixels: smallest | greatest << 8. */
export function alphaRange(ptr: usize, count: i32): i32 {
  let least = i8x16.splat(-1);
  let most = i8x16.splat(0);
  const colours = i32x4.splat(0x00ffffff);
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    const pixels = v128.load(ptr + ((<usize>i) << 2));
    least = i8x16.min_u(least, v128.or(pixels, colours));
    most = i8x16.max_u(most, pixels);
  }
  let low: i32 = 255;
  let high: i32 = 0;
  for (let i = 0; i < 4; i++) {
    low = min(low, <i32>i32x4.extract_lane(i32x4.shr_u(least, 24), 0));
    high = max(high, <i32>i32x4.extract_lane(i32x4.shr_u(most, 24), 0));
    least = i8x16.shuffle(least, least, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
    most = i8x16.shuffle(most, most, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
  for (let i = whole; i < count; i++) {
    const alpha = <i32>load<u8>(ptr + ((<usize>i) << 2), 3);
    low = min(low, alpha);
    high = max(high, alpha);
  }
  return low | (high << 8);
}

/** Copies a part of a decoded tile of 3 or 4 channels into an image of 4; 3 channels get alpha 255. Strides in bytes. */
export function placeTile(
  from: usize,
  fromStride: usize,
  channels: i32,
  width: i32,
  height: i32,
  to: usize,
  toStride: usize,
): void {
  const alpha = i32x4.splat(0xff000000);
  for (let y = 0; y < height; y++) {
    if (channels === 4) {
      memory.copy(to, from, (<usize>width) << 2);
    } else {
      let pixel = from;
      let x = 0;
      // 16 bytes are read, 12 count: whoever fills `from` leaves 16 bytes behind it.
      for (; x + 4 <= width; x += 4) {
        const p = v128.load(pixel);
        const spread = i8x16.shuffle(p, p, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
        v128.store(to + ((<usize>x) << 2), v128.or(spread, alpha));
        pixel += 12;
      }
      for (; x < width; x++) {
        store<u32>(to + ((<usize>x) << 2), (load<u32>(pixel) & 0x00ffffff) | 0xff000000);
        pixel += 3;
      }
    }
    from += fromStride;
    to += toStride;
  }
}

/** RGB of `count` RGBA pixels, over white where they are not opaque; writes up to 4 bytes more than 3 x count. */
export function dropAlpha(from: usize, count: i32, to: usize, opaque: i32): void {
  let i = 0;
  if (opaque) {
    for (; i + 4 <= count; i += 4) {
      const p = v128.load(from);
      v128.store(to, i8x16.shuffle(p, p, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3));
      from += 16;
      to += 12;
    }
  }
  for (; i < count; i++) {
    const alpha = <u32>load<u8>(from, 3);
    for (let band: usize = 0; band < 3; band++) {
      const value = <u32>load<u8>(from + band);
      store<u8>(to + band, <u8>((value * alpha + 255 * (255 - alpha) + 127) / 255));
    }
    from += 4;
    to += 3;
  }
}
