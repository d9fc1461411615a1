import type * as LercModule from "lerc";
import { messageOf } from "../../../core/index.ts";
import { damaged, unsupported } from "../../raster_errors.ts";
import type { ImageLayout } from "../image_layout.ts";
import { bandsPerBlock, blockBytes } from "../image_layout.ts";
import { unpackDeflate, unpackZstd } from "./inflate.ts";

type Lerc = typeof LercModule;
let loading: Promise<Lerc> | null = null;

/** LERC blocks in WebAssembly. What its mask leaves out is 0, or NaN in fractions, as GDAL reads it. */
export async function unpackLerc(packed: Uint8Array, layout: ImageLayout, rows: number): Promise<Uint8Array> {
  loading ??= load();
  const lerc = await loading;
  const blob = unwrap(packed, layout);
  const expected = { width: layout.blockWidth, height: rows, type: LERC_TYPES[layout.type] };
  try {
    const head = lerc.getBlobInfo(blob);
    const channels = head.depthCount * head.bandCount;
    if (head.width !== expected.width || head.height !== rows || channels !== bandsPerBlock(layout))
      throw new Error(`it has ${head.width} x ${head.height} pixels in ${channels} bands`);
    const { pixels, pixelType, mask, depthCount } = lerc.decode(blob, { returnInterleaved: true });
    if (pixelType !== expected.type) throw new Error(`its pixels are ${pixelType}`);
    return interleave(pixels, mask, depthCount);
  } catch (cause) {
    throw damaged(`a LERC block does not unpack: ${messageOf(cause)}`, {}, cause);
  }
}

const LERC_TYPES = {
  uint8: "U8",
  int8: "S8",
  uint16: "U16",
  int16: "S16",
  uint32: "U32",
  int32: "S32",
  float32: "F32",
  float64: "F64",
} as const;

/** The library listens for the errors of the whole process when it is loaded; nothing of ours is to hang on that. */
async function load(): Promise<Lerc> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => new Set(process.listeners(event as "uncaughtException")));
  const module = (await import("lerc")) as Lerc & { default?: Lerc };
  const lerc = module.default ?? module;
  await lerc.load();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as "uncaughtException"))
      if (before[i]?.has(listener) === false) process.off(event, listener);
  });
  return lerc;
}

function unwrap(packed: Uint8Array, layout: ImageLayout): Uint8Array {
  // A blob is never much larger than its pixels: headers, a mask and a range for each band.
  const maxBytes = blockBytes(layout) * 2 + 65_536;
  if (layout.lercWrap === 0) return packed;
  if (layout.lercWrap === 1) return unpackDeflate(packed, maxBytes);
  if (layout.lercWrap === 2) return unpackZstd(packed, maxBytes);
  throw unsupported(`LERC with additional compression ${layout.lercWrap}`);
}

type LercPixels = ReturnType<Lerc["decode"]>["pixels"];

/** One array of several values a pixel as it is; several of one value each are interleaved. */
function interleave(bands: LercPixels, mask: Uint8Array | null | undefined, depth: number): Uint8Array {
  const [first] = bands;
  if (first === undefined) throw new Error("it has no bands");
  const each = bands.length * depth;
  const count = first.length / depth;
  const Type = first.constructor as Float64ArrayConstructor;
  const all = new Type(count * each);
  bands.forEach((band, b) => {
    if (bands.length === 1) all.set(band as Float64Array);
    else for (let i = 0; i < count; i++) all[i * each + b] = band[i] as number;
  });
  if (mask && (first instanceof Float32Array || first instanceof Float64Array))
    for (let i = 0; i < count; i++) if (mask[i] === 0) all.fill(Number.NaN, i * each, (i + 1) * each);
  return new Uint8Array(all.buffer);
}
