import { compileWasm } from "../../concurrency/index.ts";
import { TilthError } from "../../core/index.ts";
import type { RunOptions } from "../cell_kernel.ts";
import { fillEdges } from "../fill_edges.ts";
import type { HeightBlock } from "../height_block.ts";
import type { GradientMethod } from "./gradient.ts";
import { hillshadeKernel, type HillshadeOptions } from "./hillshade.ts";
import { slopeKernel, type SlopeOptions } from "./slope.ts";
import { TERRAIN_WASM_BASE64 } from "./terrain_wasm.ts";

interface Exports {
  analyse(
    heights: number,
    width: number,
    rows: number,
    scales: number,
    method: number,
    kind: number,
    up: number,
    east: number,
    north: number,
    out: number,
  ): number;
}

const PAGE = 65_536;
const METHODS = { horn: 0, zevenbergenThorne: 1 } as const;
/** Differences of heights lie so many cells apart, weights included. */
const CELLS = { horn: 8, zevenbergenThorne: 2 } as const;
const KINDS = { degrees: 0, percent: 1, single: 2, combined: 3, multidirectional: 4 } as const;
const RADIANS = Math.PI / 180;
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
    const missing = Math.ceil((cells * 8 + height * 8 + 64) / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (missing > 0) this.#memory.grow(missing);
    return { width, height, heights: new Float32Array(this.#memory.buffer, 0, cells) };
  }

  slope(block: HeightBlock, options: SlopeOptions, run: RunOptions): Float32Array {
    const { width, height } = block;
    const { method, unit } = options;
    const { scalesPtr, outPtr } = this.#place(block, method, 1, run);
    const gaps = this.#exports.analyse(0, width, height, scalesPtr, METHODS[method], KINDS[unit], 0, 0, 0, outPtr);
    const out = new Float32Array(this.#memory.buffer, outPtr, width * height);
    this.#fill(block, slopeKernel(options), run, gaps, (i, value) => void (out[i] = value));
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
    const { scalesPtr, outPtr } = this.#place(block, method, zFactor, run);
    const codes = [METHODS[method], KINDS[mode]] as const;
    const gaps = this.#exports.analyse(0, width, height, scalesPtr, ...codes, ...light, outPtr);
    const out = new Uint8Array(this.#memory.buffer, outPtr, width * height);
    this.#fill(block, hillshadeKernel(options), run, gaps, (i, value) => void (out[i] = Math.round(value)));
    return out;
  }

  /** Behind the heights: two numbers for each row, then what comes out. */
  #place({ width, height }: HeightBlock, method: GradientMethod, zFactor: number, { sizeOf }: RunOptions) {
    const scalesPtr = (width + 2) * (height + 2) * 4;
    const scales = new Float32Array(this.#memory.buffer, scalesPtr, height * 2);
    for (let y = 0; y < height; y++) {
      const size = sizeOf(y);
      scales[2 * y] = zFactor / (CELLS[method] * size.width);
      scales[2 * y + 1] = zFactor / (CELLS[method] * size.height);
    }
    return { scalesPtr, outPtr: scalesPtr + height * 8 };
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

/** May be handed to other threads. */
export function compileTerrain(): WebAssembly.Module {
  return compileWasm(TERRAIN_WASM_BASE64);
}
