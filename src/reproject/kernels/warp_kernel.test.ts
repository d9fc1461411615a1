import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ControlBlock } from "../control_mesh.ts";
import { RESAMPLINGS, type Resampling } from "../resampling.ts";
import { WarpMemory } from "../warp_memory.ts";
import { sampleBlock } from "./sample_band.ts";
import { WarpKernel } from "./warp_kernel.ts";

/** Pixels of the largest source and of the largest destination. */
const MOST = 32_767 * 6;
const memory = new WarpMemory({
  places: 1,
  mosaicPixels: MOST,
  tiles: 1,
  tileWidth: 512,
  tileHeight: 512,
  slots: 1,
  slotPixels: MOST,
});
const { scratchPtr, mosaicPtr, outs } = memory.takePlace();
const outPtr = outs[0]?.ptr ?? 0;
const [slotPtr = 0] = memory.slotPtrs;
const bytes = new Uint8Array(memory.memory.buffer);
const kernel = new WarpKernel(memory.memory, scratchPtr);

interface Rgba {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What stands where nothing is to be written. */
const UNTOUCHED = 77;

/** The block's pixels by the kernel, in a destination just as large as it needs and surrounded by `UNTOUCHED`. */
function warp(source: Rgba, block: ControlBlock, resampling: Resampling, opaque: boolean): Uint8Array {
  bytes.set(source.data, mosaicPtr);
  kernel.setSource({ ptr: mosaicPtr, width: source.width, height: source.height }, opaque);
  const out = { ptr: outPtr, width: block.x + block.width + 3, height: block.y + block.height + 1 };
  bytes.fill(UNTOUCHED, outPtr, outPtr + out.width * out.height * 4);
  kernel.warp(block, out, resampling, 0, 0);
  const pixels = new Uint8Array(block.width * block.height * 4);
  for (let y = 0; y < out.height; y++) {
    const row = bytes.subarray(outPtr + y * out.width * 4, outPtr + (y + 1) * out.width * 4);
    const from = y < block.y ? row.length : block.x * 4;
    const to = y < block.y ? row.length : from + block.width * 4;
    if (y >= block.y && y < block.y + block.height) {
      pixels.set(row.subarray(from, to), (y - block.y) * block.width * 4);
      expect([...row.subarray(0, from), ...row.subarray(to)].every((byte) => byte === UNTOUCHED)).toBe(true);
    } else expect(row.every((byte) => byte === UNTOUCHED)).toBe(true);
  }
  return pixels;
}

/** One band by the plain reference, NaN outside. */
function sampleBand(
  source: Rgba,
  block: ControlBlock,
  resampling: Resampling,
  value: (at: number) => number,
): Float64Array {
  const { width, height } = source;
  const data = Float64Array.from({ length: width * height }, (_, i) => value(i * 4));
  const out = { width: block.width, height: block.height, data: new Float64Array(block.width * block.height) };
  sampleBlock({ width, height, data }, { ...block, x: 0, y: 0 }, out, resampling);
  return out.data;
}

const level = (value: number): number => Math.min(255, Math.max(0, value));

/** RGBA by the plain reference, not rounded: colours weighed by their alpha. */
function reference(source: Rgba, block: ControlBlock, resampling: Resampling): Float64Array {
  const at = (i: number): number => source.data[i] as number;
  const alpha = sampleBand(source, block, resampling, (i) => at(i + 3));
  const out = new Float64Array(block.width * block.height * 4);
  for (let band = 0; band < 3; band++) {
    const weighed = sampleBand(source, block, resampling, (i) => at(i + band) * at(i + 3));
    weighed.forEach((value, i) => (out[i * 4 + band] = isClear(alpha[i]) ? 0 : level(value / (alpha[i] as number))));
  }
  alpha.forEach((value, i) => (out[i * 4 + 3] = isClear(value) ? 0 : level(value)));
  return out;
}

/** Less than half a level, or no data. */
const isClear = (alpha: number | undefined): boolean => !((alpha ?? Number.NaN) >= 0.5);

/** Greatest difference in levels; colours count by their alpha, as they are seen. */
function difference(pixels: Uint8Array, expected: Float64Array): number {
  let worst = 0;
  pixels.forEach((value, i) => {
    const alpha = i % 4 === 3 ? 1 : (expected[i | 3] as number) / 255;
    worst = Math.max(worst, Math.abs(value - (expected[i] as number)) * alpha);
  });
  return worst;
}

/** Half a level for rounding, and what positions, phases and weights cost: within one level. */
const ONE_LEVEL = 1.5;

function makeImage(width: number, height: number, seed: number, alpha: "opaque" | "clear" | "any"): Rgba {
  let state = seed >>> 0;
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  const data = Uint8Array.from({ length: width * height * 4 }, random);
  for (let i = 3; i < data.length; i += 4)
    data[i] = alpha === "opaque" ? 255 : alpha === "any" ? (data[i] as number) : (data[i] as number) > 90 ? 255 : 0;
  return { width, height, data };
}

/** A square turned and stretched: `corner` is its upper left one, source pixels. */
function meshBlock(
  [x, y]: readonly [number, number],
  [ux, uy]: readonly [number, number],
  [vx, vy]: readonly [number, number],
  [width, height]: readonly [number, number],
  place: readonly [number, number] = [0, 0],
): ControlBlock {
  const size = 2 ** Math.ceil(Math.log2(Math.max(8, width, height)));
  const [a, b] = [
    [ux * size, uy * size],
    [vx * size, vy * size],
  ] as const;
  const corners = [x, y, x + a[0]!, y + a[1]!, x + b[0]!, y + b[1]!, x + a[0]! + b[0]!, y + a[1]! + b[1]!];
  const scale = [Math.max(Math.abs(ux), Math.abs(vx)), Math.max(Math.abs(uy), Math.abs(vy))] as const;
  return { x: place[0], y: place[1], width, height, kind: "mesh", size, positions: Float64Array.from(corners), scale };
}

function pointsBlock(
  width: number,
  positions: readonly number[],
  scale: readonly [number, number] = [1, 1],
): ControlBlock {
  const height = positions.length / 2 / width;
  return { x: 2, y: 1, width, height, kind: "points", size: 8, positions: Float64Array.from(positions), scale };
}

/** Sixteenths of an octave: the kernel rounds to thirty-seconds, the reference does not. */
const octaves = fc.integer({ min: -16, max: 48 }).map((sixteenth) => 2 ** (sixteenth / 16));

const scene = fc
  .record({
    resampling: fc.constantFrom(...RESAMPLINGS.filter((one) => one !== "nearest")),
    width: fc.integer({ min: 1, max: 61 }),
    height: fc.integer({ min: 1, max: 47 }),
    seed: fc.nat(),
    alpha: fc.constantFrom("opaque" as const, "clear" as const, "any" as const),
    scale: octaves,
    outWidth: fc.integer({ min: 1, max: 45 }),
    outHeight: fc.integer({ min: 1, max: 33 }),
    // Where the upper left corner lies, shares of the source; partly outside.
    left: fc.double({ min: -0.7, max: 0.9, noNaN: true }),
    top: fc.double({ min: -0.7, max: 0.9, noNaN: true }),
    turn: fc.double({ min: -0.4, max: 0.4, noNaN: true }),
    place: fc.tuple(fc.nat(5), fc.nat(5)),
  })
  .map(({ width, height, seed, alpha, scale, outWidth, outHeight, left, top, turn, place, resampling }) => ({
    resampling,
    source: makeImage(width, height, seed, alpha),
    opaque: alpha === "opaque",
    block: meshBlock(
      [left * width, top * height],
      [scale, turn * scale],
      [-turn * scale, scale],
      [outWidth, outHeight],
      place,
    ),
  }));

/** Cubic at its own width falls back to bilinear where a pixel is not opaque: compared by tests of its own. */
function isFallback(resampling: Resampling, block: ControlBlock, opaque: boolean): boolean {
  return resampling === "cubic" && !opaque && block.scale.every((value) => value <= 1 / 0.95);
}

describe("the kernel beside the plain reference", () => {
  test("is within one level: any method, size, place, turn and scale, opaque and with alpha", () => {
    const property = fc.property(scene, ({ resampling, source, opaque, block }) => {
      fc.pre(!isFallback(resampling, block, opaque));
      const worst = difference(warp(source, block, resampling, opaque), reference(source, block, resampling));
      expect(worst).toBeLessThanOrEqual(ONE_LEVEL);
    });
    fc.assert(property, { seed: 20_261_124, numRuns: 1500 });
  });
});
