/** 32 bits out of a whole number of 53, each of which changes half of them (the end of MurmurHash3, Appleby 2011). */
export function hashId(id: number): number {
  let hash = (id | 0) ^ Math.imul((id / 2 ** 32) | 0, 0x9e37_79b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
