import { transferred, type Transferred } from "../../concurrency/index.ts";
import { newPixels, storeValues, type PixelArray, type PixelType } from "../../raster/index.ts";
import type { ControlBlock } from "../control_mesh.ts";
import { sampleBlock, type Band } from "../kernels/sample_band.ts";
import type { Resampling } from "../resampling.ts";

export interface WarpBand {
  readonly pixels: PixelArray;
  /** 0 where there is no data; null where all is. */
  readonly valid: Uint8Array | null;
  readonly type: PixelType;
  /** Stored where there is none. */
  readonly nodata: number;
}

export interface WarpPartJob {
  readonly blocks: readonly ControlBlock[];
  readonly window: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly bands: readonly WarpBand[];
  readonly width: number;
  readonly height: number;
  readonly resampling: Resampling;
  /** Destination pixels for one source pixel. */
  readonly scale: readonly [x: number, y: number];
}

export interface WarpedBand {
  readonly pixels: PixelArray;
  /** 0 where there is no image; null where there is everywhere. */
  readonly valid: Uint8Array<ArrayBuffer> | null;
}

/** On a thread: the pixels of each band. */
export function warpPart(job: WarpPartJob): Transferred<WarpedBand[]> {
  const out: Band = { width: job.width, height: job.height, data: new Float64Array(job.width * job.height) };
  const bands = job.bands.map(({ pixels, valid, type, nodata }): WarpedBand => {
    out.data.fill(Number.NaN);
    const band = { width: job.window.width, height: job.window.height, data: hide(pixels, valid) };
    for (const block of job.blocks)
      sampleBlock(band, block, out, job.resampling, job.window.x, job.window.y, job.scale);
    const stored = newPixels(type, out.data.length);
    storeValues(out.data, stored, { first: 0, count: out.data.length, type, nodata });
    return { pixels: stored, valid: findHoles(out.data) };
  });
  return transferred(
    bands,
    bands.flatMap(({ pixels, valid }) => [pixels.buffer, ...(valid === null ? [] : [valid.buffer])]),
  );
}

function hide(pixels: PixelArray, valid: Uint8Array | null): Float64Array {
  const values = Float64Array.from(pixels);
  if (valid !== null) for (let i = 0; i < values.length; i++) if (valid[i] === 0) values[i] = Number.NaN;
  return values;
}

function findHoles(values: Float32Array | Float64Array): Uint8Array<ArrayBuffer> | null {
  if (!values.includes(Number.NaN)) return null;
  return Uint8Array.from(values, (value) => (value === value ? 1 : 0));
}
