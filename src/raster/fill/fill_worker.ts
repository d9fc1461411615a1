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

export interface FilledRows {
  readonly pixels: PixelArray;
  /** 1 where there is data now; null where there is everywhere. */
  readonly valid: Uint8Array<ArrayBuffer> | null;
}

/** On a thread. Pixels of fractions that are NaN are holes, too. */
export function fillRows(job: FillJob): Transferred<FilledRows> {
  const { width, from, to, type, nodata } = job;
  const given = job.pixels.slice(from * width, to * width) as PixelArray;
  const isMarked = job.valid?.subarray(from * width, to * width).includes(0) === true;
  if (!isMarked && !given.includes(Number.NaN)) return transferred({ pixels: given, valid: null }, [given.buffer]);
  const values = Float64Array.from(job.pixels);
  if (job.valid !== null) for (let i = 0; i < values.length; i++) if (job.valid[i] === 0) values[i] = Number.NaN;
  fillHoles({ width, height: values.length / width, values }, job);
  const wanted = values.subarray(from * width, to * width);
  const pixels = newPixels(type, wanted.length);
  storeValues(wanted, pixels, { first: 0, count: pixels.length, type, nodata });
  const valid = wanted.some(Number.isNaN) ? Uint8Array.from(wanted, (value) => (Number.isNaN(value) ? 0 : 1)) : null;
  return transferred({ pixels, valid }, valid === null ? [pixels.buffer] : [pixels.buffer, valid.buffer]);
}
