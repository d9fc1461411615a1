// Symbols of lengths and distances (RFC 1951, section 3.2.5), reckoned from their highest bits: as fast as tables, and nothing is to be filled.

/** 0 to 28 for 3 to 258. */
export function lengthIndex(length: u32): u32 {
  const rest = length - 3;
  if (rest < 8) return rest;
  if (length === 258) return 28;
  const extra = 29 - clz(rest);
  return ((extra + 1) << 2) + ((rest >> extra) & 3);
}

/** How many bits follow. */
export function lengthExtraBits(index: u32): u32 {
  return index < 8 || index === 28 ? 0 : (index >> 2) - 1;
}

/** 0 to 29 for 1 to 32768. */
export function distanceIndex(distance: u32): u32 {
  const rest = distance - 1;
  if (rest < 2) return rest;
  const high = 31 - clz(rest);
  return (high << 1) + ((rest >> (high - 1)) & 1);
}

export function distanceExtraBits(index: u32): u32 {
  return index < 4 ? 0 : (index >> 1) - 1;
}

/** 16, 17, 18, 0, 8, 7, 9, 6, 10 ...: the order in which lengths of the codes of a header come. */
export function precodePlace(index: u32): u32 {
  if (index < 4) return index === 3 ? 0 : 16 + index;
  const step = index - 4;
  return (step & 1) === 0 ? 8 + (step >> 1) : 7 - (step >> 1);
}
