import { compileWasm } from "../../concurrency/index.ts";
import { kernelScale, fillTaps, tapCount, type Resampling } from "../resampling.ts";
import { squaresOf, type ControlBlock } from "../control_mesh.ts";
import { WARP_WASM_BASE64 } from "./warp_wasm.ts";

interface KernelExports {
  setSource(ptr: number, width: number, height: number, opaque: number): void;
  setTaps(
    tableX: number,
    countX: number,
    tableY: number,
    countY: number,
    rowTable: number,
    rowPtr: number,
    missingIsBilinear: number,
  ): void;
  warpBlock(
    method: number,
    out: number,
    outStride: number,
    width: number,
    height: number,
    nodes: number,
    nodeColumns: number,
    step: number,
  ): void;
  warpPositions(method: number, out: number, outStride: number, width: number, height: number, positions: number): void;
  alphaRange(ptr: number, count: number): number;
  placeTile(
    from: number,
    fromStride: number,
    channels: number,
    width: number,
    height: number,
    to: number,
    toStride: number,
  ): void;
  dropAlpha(from: number, count: number, to: number, opaque: number): void;
}

const NEAREST = 0;
const BILINEAR = 1;
const TAPS = 2;

/** Phases of a tap table, as in assembly/taps.ts. */
const PHASES = 1024;

/** Taps on a side at most; a source that is finer than 1/20 of the destination is sampled with a part of its pixels. */
const MAX_TAPS = 64;

/** 9 x 9 corners are the most that a block has. */
const POSITIONS_BYTES = Math.ceil((9 * 9 * 16) / 64) * 64;
const TABLE_BYTES = PHASES * MAX_TAPS * 4;

/** Four i16 for each of the pixels that assembly/level_rows.ts combines at once, and four more that it may write. */
const ROW_BYTES = (1024 + 8) * 8;

/** Positions of one block, three tap tables and a row: 0.8 MB. */
export const KERNEL_SCRATCH_BYTES = POSITIONS_BYTES + 3 * TABLE_BYTES + ROW_BYTES;

/** An image in the kernel's memory: RGBA, row-major from the top left. */
export interface KernelImage {
  /** Byte offset, a multiple of 16. */
  readonly ptr: number;
  readonly width: number;
  readonly height: number;
}

let compiled: WebAssembly.Module | null = null;

/** The kernel's code, compiled once for each thread that asks; a thread may hand it to others. */
export function compileKernel(): WebAssembly.Module {
  return (compiled ??= compileWasm(WARP_WASM_BASE64));
}

/** Resampling of 8-bit RGBA in WebAssembly over one memory, of which `KERNEL_SCRATCH_BYTES` at `scratchPtr` (a multiple of 64) are its own. */
export class WarpKernel {
  readonly #memory: WebAssembly.Memory;
  readonly #positions: Float64Array;
  readonly #tableX: number;
  readonly #tableY: number;
  readonly #rowTable: number;
  readonly #row: number;
  readonly #exports: KernelExports;
  /** What the tap tables hold. */
  #taps = "";

  constructor(memory: WebAssembly.Memory, scratchPtr: number, module = compileKernel()) {
    this.#memory = memory;
    this.#positions = new Float64Array(memory.buffer, scratchPtr, POSITIONS_BYTES / 8);
    this.#tableX = scratchPtr + POSITIONS_BYTES;
    this.#tableY = this.#tableX + TABLE_BYTES;
    this.#rowTable = this.#tableY + TABLE_BYTES;
    this.#row = this.#rowTable + TABLE_BYTES;
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  }

  /**
   * Copies what a decoded tile shares with the image; 16 bytes after the tile must be readable.
   * @param left, top where the tile's first pixel would lie in the image, maybe outside of it
   */
  placeTile(tile: KernelImage & { channels: 3 | 4 }, image: KernelImage, left: number, top: number): void {
    const [skipX, skipY] = [Math.max(0, -left), Math.max(0, -top)];
    const width = Math.min(tile.width, image.width - left) - skipX;
    const height = Math.min(tile.height, image.height - top) - skipY;
    if (width <= 0 || height <= 0) return;
    const from = tile.ptr + (skipY * tile.width + skipX) * tile.channels;
    const to = image.ptr + ((top + skipY) * image.width + left + skipX) * 4;
    this.#exports.placeTile(from, tile.width * tile.channels, tile.channels, width, height, to, image.width * 4);
  }

  /** Turns RGBA into RGB where it lies, over white where it is not opaque. */
  dropAlpha({ ptr, width, height }: KernelImage, opaque: boolean): void {
    this.#exports.dropAlpha(ptr, width * height, ptr, opaque ? 1 : 0);
  }

  /** Smallest and greatest alpha of an image. */
  alphaRange({ ptr, width, height }: KernelImage): [least: number, most: number] {
    const range = this.#exports.alphaRange(ptr, width * height);
    return [range & 255, range >>> 8];
  }

  setSource(image: KernelImage, opaque: boolean): void {
    this.#exports.setSource(image.ptr, image.width, image.height, opaque ? 1 : 0);
  }

  /** Writes the block's pixels into `out`; `originX`, `originY`: source pixel of its positions that is the source image's 0,0. */
  warp(block: ControlBlock, out: KernelImage, resampling: Resampling, originX: number, originY: number): void {
    const method = this.#prepare(resampling, block.scale);
    const positions = this.#positions;
    for (let i = 0; i < block.positions.length; i += 2) {
      positions[i] = (block.positions[i] as number) - originX;
      positions[i + 1] = (block.positions[i + 1] as number) - originY;
    }
    const ptr = out.ptr + (block.y * out.width + block.x) * 4;
    const stride = out.width * 4;
    const { width, height, size } = block;
    const nodes = positions.byteOffset;
    if (block.kind === "mesh") {
      const nodeColumns = squaresOf(block.positions) + 1;
      this.#exports.warpBlock(method, ptr, stride, width, height, nodes, nodeColumns, size);
    } else this.#exports.warpPositions(method, ptr, stride, width, height, nodes);
  }

  /** The kernel's method, with its tap tables in place. */
  #prepare(resampling: Resampling, scale: readonly [number, number]): number {
    if (resampling === "nearest") return NEAREST;
    const x = roundScale(1 / scale[0]);
    const y = roundScale(1 / scale[1]);
    const whole = kernelScale(x) === 1 && kernelScale(y) === 1;
    if (resampling === "bilinear" && whole) return BILINEAR;
    const key = `${resampling} ${x} ${y}`;
    if (key !== this.#taps) {
      const countX = this.#fillFixed(this.#tableX, resampling, x);
      const countY = this.#fillFloat(this.#tableY, resampling, y);
      this.#fillFixed(this.#rowTable, resampling, y);
      const missingIsBilinear = resampling === "cubic" && whole ? 1 : 0;
      this.#exports.setTaps(this.#tableX, countX, this.#tableY, countY, this.#rowTable, this.#row, missingIsBilinear);
      this.#taps = key;
    }
    return TAPS;
  }

  #fillFixed(ptr: number, resampling: Filtered, scale: number): number {
    const { count, weights } = tapTable(resampling, scale, "fixed");
    new Int16Array(this.#memory.buffer, ptr, weights.length).set(weights);
    return count;
  }

  #fillFloat(ptr: number, resampling: Filtered, scale: number): number {
    const { count, weights } = tapTable(resampling, scale, "float");
    new Float32Array(this.#memory.buffer, ptr, weights.length).set(weights);
    return count;
  }
}

type Filtered = Exclude<Resampling, "nearest">;

/** Steps of a thirty-second of an octave (2.2 %): neighbouring blocks share their tables. */
function roundScale(scale: number): number {
  if (!(scale < 1)) return 1;
  return 2 ** (Math.round(Math.log2(scale) * 32) / 32);
}

interface TapTable {
  /** Taps to a phase that are not padding. */
  readonly count: number;
  readonly weights: Float32Array | Int16Array;
}

/** Tables in use; the oldest leaves when there are too many. 8 kB for 4 taps along x, 256 kB for 64 along y. */
const tables = new Map<string, TapTable>();
const MAX_TABLES = 64;

function tapTable(resampling: Filtered, scale: number, kind: "fixed" | "float"): TapTable {
  const key = `${resampling} ${scale} ${kind}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const count = Math.min(MAX_TAPS, tapCount(resampling, scale));
  const table = {
    count,
    weights: kind === "fixed" ? makeFixed(resampling, scale, count) : makeFloat(resampling, scale, count),
  };
  const oldest = tables.keys().next().value;
  if (tables.size >= MAX_TABLES && oldest !== undefined) tables.delete(oldest);
  tables.set(key, table);
  return table;
}

function makeFloat(resampling: Filtered, scale: number, count: number): Float32Array {
  const table = new Float32Array(PHASES * count);
  for (let phase = 0; phase < PHASES; phase++)
    fillTaps(resampling, scale, phase / PHASES, table.subarray(phase * count, (phase + 1) * count));
  return table;
}

/** One, as fixed weights are written. */
const WEIGHT_ONE = 16_384;

/** Padded to groups of four; what rounding adds or takes goes to the greatest weight, so that a flat image stays as it is. */
function makeFixed(resampling: Filtered, scale: number, count: number): Int16Array {
  const padded = Math.ceil(count / 4) * 4;
  const table = new Int16Array(PHASES * padded);
  const taps = new Float64Array(count);
  for (let phase = 0; phase < PHASES; phase++) {
    fillTaps(resampling, scale, phase / PHASES, taps);
    const weights = taps.map((tap) => Math.round(tap * WEIGHT_ONE));
    const greatest = weights.indexOf(Math.max(...weights));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights[greatest] = (weights[greatest] as number) + WEIGHT_ONE - sum;
    table.set(weights, phase * padded);
  }
  return table;
}
