import { decodeElevation, type ElevationEncoding } from "./elevation_tile.ts";
import type { RgbaImage } from "./pixels.ts";

/** Metres between which all ground and sea floor lies (Challenger Deep, Everest), with room for errors. */
const DEEPEST_M = -12_000;
const HIGHEST_M = 9_500;

/** Pixels outside of that, of those that are data, at the most. */
const MAX_OUTSIDE = 0.001;

/** Metres from a pixel to its neighbour, in the middle of all: the coarsest world tile has 150, a photograph read as heights over 500. */
const MAX_STEP_M = 400;

const ENCODINGS: readonly ElevationEncoding[] = ["terrarium", "terrainRgb"];

/**
 * How heights are written into the colours of tiles; null when by neither way they could be heights of the Earth. Sea level alone tells both ways apart: it is 0 in one and
 * below -30,000 m or above 800,000 m in the other.
 */
export function detectElevation(images: readonly RgbaImage[]): ElevationEncoding | null {
  return ENCODINGS.find((encoding) => isPlausible(images, encoding)) ?? null;
}

function isPlausible(images: readonly RgbaImage[], encoding: ElevationEncoding): boolean {
  let known = 0;
  let outside = 0;
  const steps: number[] = [];
  for (const image of images) {
    const metres = decodeElevation(image, encoding);
    for (let i = 0; i < metres.length; i++) {
      const value = metres[i] as number;
      if (Number.isNaN(value) || isVoid(image.data, i)) continue;
      known++;
      if (!(value >= DEEPEST_M && value <= HIGHEST_M)) outside++;
      const next = metres[i + 1];
      if ((i + 1) % image.width !== 0 && next !== undefined && !Number.isNaN(next)) steps.push(Math.abs(next - value));
    }
  }
  if (known === 0 || outside > MAX_OUTSIDE * known) return false;
  const middle = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return middle <= MAX_STEP_M;
}

/** Black is no height in either way: -32,768 m and -10,000 m. Services write it where they have none. */
export function isVoid(rgba: Uint8Array, pixel: number): boolean {
  const at = 4 * pixel;
  return rgba[at] === 0 && rgba[at + 1] === 0 && rgba[at + 2] === 0;
}
