import { compileWasm } from "../../concurrency/index.ts";
import { TilthError } from "../../core/index.ts";
import type { RunOptions } from "../run_kernel.ts";
import { fillEdges } from "../fill_edges.ts";
import type { HeightBlock } from "../height_block.ts";
import type { GradientMethod } from "./gradient.ts";
import { hillshadeKernel, type HillshadeOptions } from "./hillshade.ts";
import { slopeKernel, type SlopeOptions } from "./slope.ts";
import { TERRAIN_WASM_BASE64 } from "./terrain_wasm.ts";

type Kind = SlopeOptions["unit"] | HillshadeOptions["mode"];

interface Exports extends Readonly<Record<Kind, Analyse>> {
  fillMissing(ptr: number, count: number, value: number): void;
}

/** `assembly/terrain.ts` says what they are. */
type Analyse = (heights: number, width: number, rows: number, scales: number, numbers: number, out: number) => number;

const PAGE = 65_536;
/** Differences of heights lie so many cells apart, weights included. */
const CELLS = { horn: 8, zevenbergenThorne: 2 } as const;
const RADIANS = Math.PI / 180;
/** In front of the heights, as in the strips that they come from: what lies alike to 8 bytes is copied ten times as fast. */
const HEIGHTS_PTR = 4;
/** A quarter of a turn, and the terms of the polynomial for the arc tangent. */
const ARC_TANGENT = [
  Math.PI / 2,
  0.999_995_642_009_970_9,
  0.332_994_844_234_429_6,
  0.195_637_302_142_851_6,
  0.121_242_197_765_428_9,
  0.057_480_418_570_635_39,
  0.013_481_590_491_843_873,
];
/**
 * As `assembly/terrain.ts` looks for them: 1, percent of 1, shades of grey from 1 on and what rounds them, the arc tangent in radians and in degrees. Behind them stand the
 * method and the light.
 */
const NUMBERS = [1, 100, 254, 1.5, ...ARC_TANGENT, ...ARC_TANGENT.map((term) => term / RADIANS)];
const NUMBERS_BYTES = 4 * (NUMBERS.length + 4);
/** Lanes of the last four cells of a row must lie within it. */
const MIN_WIDTH = 4;

/**
 * Slope and hillshade in WebAssembly SIMD, 10 times as fast as the kernels of their names, whose results these are (hillshade rounded to bytes).
 * One for each thread. Blocks and results lie in its memory and hold until the next block is made: a new list for each result would cost five times
 * what the result does, in pages that the system clears.
 */
export class FastKernels {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: PAGE, shared: false });
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module = compileTerrain()) {
    this.#exports = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as unknown as Exports;
  }

  /** A window to be filled: every cell of it and around it must be written, NaN where there is no height. @param width 4 or more @throws `argument.invalid` */
  makeBlock(width: number, height: number): HeightBlock {
    if (width < MIN_WIDTH)
      throw new TilthError("argument.invalid", `expected a window of ${MIN_WIDTH} columns or more, got ${width}`);
    const cells = (width + 2) * (height + 2);
    const missing =
      Math.ceil((cells * 8 + height * 8 + NUMBERS_BYTES + 64) / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#memory.grow(missing);
    return { width, height, heights: new Float32Array(this.#memory.buffer, HEIGHTS_PTR, cells) };
  }

  /** @param missing stands where there is nothing @default NaN */
  slope(block: HeightBlock, options: SlopeOptions, run: RunOptions, missing = Number.NaN): Float32Array {
    const { width, height } = block;
    const { outPtr, gaps } = this.#analyse(block, options.unit, options.method, 1, [0, 0, 0], run);
    const out = new Float32Array(this.#memory.buffer, outPtr, width * height);
    this.#fill(block, slopeKernel(options), run, gaps, (i, value) => void (out[i] = value));
    if (gaps !== 0 && !Number.isNaN(missing)) this.#exports.fillMissing(outPtr, out.length, missing);
    return out;
  }

  /** A byte each: 1 to 255, and 0 where there is nothing. */
  hillshade(block: HeightBlock, options: HillshadeOptions, run: RunOptions): Uint8Array {
    const { width, height } = block;
    const { method, mode, zFactor } = options;
    const [azimuth, altitude] = [options.azimuthDeg * RADIANS, options.altitudeDeg * RADIANS];
    const flat = Math.cos(altitude);
    const isMany = mode === "multidirectional";
    const light = [Math.sin(altitude), isMany ? flat : Math.sin(azimuth) * flat, Math.cos(azimuth) * flat] as const;
    const { outPtr, gaps } = this.#analyse(block, mode, method, zFactor, light, run);
    const out = new Uint8Array(this.#memory.buffer, outPtr, width * height);
    this.#fill(block, hillshadeKernel(options), run, gaps, (i, value) => void (out[i] = Math.round(value)));
    return out;
  }

  /** Behind the heights: two numbers for each row, those that are the same for all cells, then what comes out. */
  #analyse(
    { width, height }: HeightBlock,
    kind: Kind,
    method: GradientMethod,
    zFactor: number,
    light: readonly [number, number, number],
    { sizeOf }: RunOptions,
  ): { outPtr: number; gaps: number } {
    const scalesPtr = aligned(HEIGHTS_PTR + (width + 2) * (height + 2) * 4);
    const scales = new Float32Array(this.#memory.buffer, scalesPtr, height * 2);
    for (let y = 0; y < height; y++) {
      const size = sizeOf(y);
      scales[2 * y] = zFactor / (CELLS[method] * size.width);
      scales[2 * y + 1] = zFactor / (CELLS[method] * size.height);
    }
    const numbersPtr = scalesPtr + height * 8;
    const numbers = [...NUMBERS, method === "horn" ? 1 : 0, ...light];
    new Float32Array(this.#memory.buffer, numbersPtr, numbers.length).set(numbers);
    const outPtr = aligned(numbersPtr + NUMBERS_BYTES);
    return { outPtr, gaps: this.#exports[kind](HEIGHTS_PTR, width, height, scalesPtr, numbersPtr, outPtr) };
  }

  #fill(
    block: HeightBlock,
    kernel: ReturnType<typeof slopeKernel>,
    run: RunOptions,
    gaps: number,
    set: (index: number, value: number) => void,
  ): void {
    if (run.computeEdges === true && (gaps !== 0 || run.sides !== undefined)) fillEdges(block, kernel, run, set);
  }
}

const aligned = (ptr: number): number => Math.ceil(ptr / 16) * 16;

/** May be handed to other threads. */
export function compileTerrain(): WebAssembly.Module {
  return compileWasm(TERRAIN_WASM_BASE64);
}
