import { transferred, type Transferred } from "../concurrency/index.ts";
import { kernelOf, NO_RESULT, type Analysis, type CellAnalysis, type ColorAnalysis } from "./analysis.ts";
import { runKernel, type RunOptions } from "./run_kernel.ts";
import { colorLookup } from "./color/color_ramp.ts";
import { extendBlock, type RasterSides } from "./height_block.ts";
import { FastKernels } from "./kernels/fast_kernels.ts";
import type { RowBlock } from "./height_blocks.ts";

export interface BlockJob {
  readonly analysis: Analysis;
  readonly block: RowBlock;
  /** Width and height of the cells of each row. */
  readonly sizes: Float64Array<ArrayBuffer>;
  readonly computeEdges: boolean;
  readonly sides: RasterSides;
  /** Where the result goes, 4 bytes a cell; null: into the place of the heights. */
  readonly out: SharedArrayBuffer | null;
}

export interface BlockResult {
  readonly y: number;
  readonly height: number;
  readonly bands: readonly (Float32Array<ArrayBufferLike> | Uint8Array<ArrayBufferLike>)[];
}

let fast: FastKernels | null = null;

/** On a thread. */
export function analyseBlock(job: BlockJob): Transferred<BlockResult> {
  const { y, height, heights } = job.block;
  const { analysis, out } = job;
  const memory = out ?? heights.buffer;
  const bands =
    analysis.kind === "colors" ? colorBands(job.block, analysis, memory) : [cellBand(job, analysis, memory)];
  return transferred({ y, height, bands }, memory instanceof ArrayBuffer ? [memory] : []);
}

function cellBand(
  { block, sizes, computeEdges, sides }: BlockJob,
  analysis: CellAnalysis,
  memory: ArrayBufferLike,
): Float32Array<ArrayBufferLike> | Uint8Array<ArrayBufferLike> {
  const { width, height } = block;
  if (computeEdges) extendBlock(block, sides);
  const sizeOf = (row: number) => ({ width: sizes[2 * row] as number, height: sizes[2 * row + 1] as number });
  const run: RunOptions = { sizeOf, computeEdges, ...(computeEdges ? { sides } : {}) };
  const isShade = analysis.kind === "hillshade";
  const values = isShade ? new Uint8Array(memory, 0, width * height) : new Float32Array(memory, 0, width * height);
  const fast = computeFast(analysis, block, run);
  if (fast !== null) values.set(fast);
  else placeResults(runKernel(block, kernelOf(analysis), run), values);
  return values;
}

/** The bands lie behind each other. */
function colorBands(
  { width, height, heights }: RowBlock,
  { ramp, match, alpha }: ColorAnalysis,
  memory: ArrayBufferLike,
): Uint8Array<ArrayBufferLike>[] {
  const look = colorLookup(ramp, match);
  const cells = width * height;
  const pixels = new Uint8Array(cells * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) look(heights[(y + 1) * (width + 2) + x + 1] as number, pixels, 4 * (y * width + x));
  return Array.from({ length: alpha ? 4 : 3 }, (_, band) => {
    const out = new Uint8Array(memory, band * cells, cells);
    for (let i = 0; i < cells; i++) out[i] = pixels[4 * i + band] as number;
    return out;
  });
}

function computeFast(analysis: CellAnalysis, block: RowBlock, run: RunOptions): Float32Array | Uint8Array | null {
  if (block.width < 4 || (analysis.kind !== "slope" && analysis.kind !== "hillshade")) return null;
  fast ??= new FastKernels();
  const inMemory = fast.makeBlock(block.width, block.height);
  inMemory.heights.set(block.heights);
  if (analysis.kind === "slope") return fast.slope(inMemory, analysis, run, NO_RESULT);
  return fast.hillshade(inMemory, analysis, run);
}

function placeResults(from: Float32Array, to: Float32Array<ArrayBufferLike> | Uint8Array<ArrayBufferLike>): void {
  if (to instanceof Uint8Array) {
    for (let i = 0; i < from.length; i++) to[i] = Number.isNaN(from[i]) ? 0 : Math.floor((from[i] as number) + 0.5);
    return;
  }
  for (let i = 0; i < from.length; i++) to[i] = Number.isNaN(from[i]) ? NO_RESULT : (from[i] as number);
}
