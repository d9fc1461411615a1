import type { ElevationEncoding, PixelArray, TileEncoding } from "../../raster/index.ts";

/** How pixels of bands become a tile. Plain data: it crosses to threads. */
export interface TilePixels {
  readonly width: number;
  readonly height: number;
  readonly encoding: TileEncoding;
  /** Metres in one band; null for colours. */
  readonly elevation: ElevationEncoding | null;
  /** Red, green, blue, alpha of each value of the one band; null without. */
  readonly palette: Uint8Array | null;
  /** Which of the bands given is red, green, blue; one alone is grey. Alpha comes as validity, or as a band. */
  readonly colors: readonly number[];
  readonly alpha: number | null;
  /** Values that become 0 and 255; null where they are colours already. */
  readonly stretch: readonly [least: number, most: number] | null;
}

export interface WindowPixels {
  readonly bands: readonly PixelArray[];
  /** 0 where there is no data, for each band; null where all is. */
  readonly validity: readonly (Uint8Array | null)[];
}

/** RGBA of a window. */
export function paintWindow({ bands, validity }: WindowPixels, how: TilePixels): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(how.width * how.height * 4);
  const [red, green = red, blue = red] = how.colors.map((band) => bands[band] as PixelArray) as [PixelArray];
  const valid = validity[how.colors[0] as number] ?? null;
  const alpha = how.alpha === null ? null : (bands[how.alpha] as PixelArray);
  const toByte = byteOf(how.stretch);
  for (let i = 0, at = 0; at < out.length; i++, at += 4) {
    if (valid !== null && valid[i] === 0) continue;
    if (how.palette === null) {
      out[at] = toByte(red[i] as number);
      out[at + 1] = toByte(green[i] as number);
      out[at + 2] = toByte(blue[i] as number);
      out[at + 3] = alpha === null ? 255 : (alpha[i] as number);
    } else {
      const entry = 4 * (red[i] as number);
      for (let channel = 0; channel < 4; channel++) out[at + channel] = how.palette[entry + channel] as number;
    }
  }
  return out;
}

function byteOf(stretch: TilePixels["stretch"]): (value: number) => number {
  if (stretch === null) return (value) => value;
  const [least, most] = stretch;
  const scale = 255 / (most - least);
  return (value) => Math.min(255, Math.max(0, Math.round((value - least) * scale)));
}

/**
 * One image out of four, in half as many pixels each way: the mean of 2 x 2 by their opacity. `children`: upper left, upper right, lower left, lower right; null is clear.
 */
export function halveColors(
  children: readonly (Uint8Array | null)[],
  { width, height }: { width: number; height: number },
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(width * height * 4);
  forQuarters(children, { width, height }, (child, from, to) => {
    let [red, green, blue, weight] = [0, 0, 0, 0];
    for (let i = 0; i < 4; i++) {
      const at = 4 * (from + (i & 1) + (i >> 1) * width);
      const alpha = child[at + 3] as number;
      red += alpha * (child[at] as number);
      green += alpha * (child[at + 1] as number);
      blue += alpha * (child[at + 2] as number);
      weight += alpha;
    }
    if (weight === 0) return;
    out[4 * to] = Math.round(red / weight);
    out[4 * to + 1] = Math.round(green / weight);
    out[4 * to + 2] = Math.round(blue / weight);
    out[4 * to + 3] = Math.round(weight / 4);
  });
  return out;
}

/** The same of metres: the mean of those that are there. */
export function halveMetres(
  children: readonly (Float32Array | null)[],
  { width, height }: { width: number; height: number },
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height).fill(Number.NaN);
  forQuarters(children, { width, height }, (child, from, to) => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < 4; i++) {
      const value = child[from + (i & 1) + (i >> 1) * width] as number;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    out[to] = sum / count;
  });
  return out;
}

/** Visits each pixel `to` of the parent with the first of the four pixels `from` of the child that it is made of. */
function forQuarters<Child>(
  children: readonly (Child | null)[],
  { width, height }: { width: number; height: number },
  visit: (child: Child, from: number, to: number) => void,
): void {
  const [halfWidth, halfHeight] = [width / 2, height / 2];
  children.forEach((child, index) => {
    if (child === null) return;
    const [left, top] = [(index % 2) * halfWidth, Math.floor(index / 2) * halfHeight];
    for (let y = 0; y < halfHeight; y++)
      for (let x = 0; x < halfWidth; x++) visit(child, 2 * y * width + 2 * x, (top + y) * width + left + x);
  });
}
