import { damaged } from "../../raster_errors.ts";

/** PackBits (TIFF 6.0, section 9). @returns as many bytes as there are, `sizeBytes` at most */
export function unpackBytes(packed: Uint8Array, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(sizeBytes);
  let to = 0;
  let from = 0;
  while (from < packed.length && to < sizeBytes) {
    const control = packed[from++] as number;
    if (control === 128) continue;
    if (control < 128) {
      const count = Math.min(control + 1, sizeBytes - to);
      if (from + count > packed.length) throw damaged("a PackBits block ends within a run");
      out.set(packed.subarray(from, from + count), to);
      from += control + 1;
      to += count;
    } else {
      const count = Math.min(257 - control, sizeBytes - to);
      out.fill(packed[from++] ?? 0, to, to + count);
      to += count;
    }
  }
  return out.subarray(0, to);
}
