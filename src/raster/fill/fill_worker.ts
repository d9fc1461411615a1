import { transferred, type Transferred } from "../../concurrency/index.ts";
import { newPixels, type PixelArray, type PixelType } from "../pixel_type.ts";
import { storeValues } from "../store_values.ts";
import { fillHoles, type FillParameters } from "./fill_holes.ts";

export interface FillJob extends FillParameters {
  /** With the rows around it that are looked at. */
  readonly pixels: PixelArray;
  readonly valid: Uint8Array | null;
  readonly width: number;
  /** Rows wanted, of those given. */
  readonly from: number;
  readonly to: number;
  readonly type: PixelType;
  readonly nodata: number;
}

/** On a thread. */
export function fillRows(job: FillJob): Transferred<PixelArray> {
  const { width, from, to, type, nodata } = job;
  const wanted = job.pixels.subarray(from * width, to * width) as PixelArray;
  if (job.valid === null || !job.valid.subarray(from * width, to * width).includes(0)) {
    const same = wanted.slice() as PixelArray;
    return transferred(same, [same.buffer]);
  }
  const values = Float64Array.from(job.pixels);
  for (let i = 0; i < values.length; i++) if (job.valid[i] === 0) values[i] = Number.NaN;
  fillHoles({ width, height: values.length / width, values }, job);
  const out = newPixels(type, (to - from) * width);
  storeValues(values.subarray(from * width, to * width), out, { first: 0, count: out.length, type, nodata });
  return transferred(out, [out.buffer]);
}
