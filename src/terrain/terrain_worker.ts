import { transferred, type Transferred } from "../concurrency/index.ts";
import { kernelOf, NO_RESULT, type Analysis } from "./analysis.ts";
import { runKernel, type RunOptions } from "./cell_kernel.ts";
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
}

export interface BlockResult {
  readonly y: number;
  readonly height: number;
  readonly values: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

let fast: FastKernels | null = null;

/** On a thread. What comes out takes the place of the heights: memory that the system has cleared once. */
export function analyseBlock({ analysis, block, sizes, computeEdges, sides }: BlockJob): Transferred<BlockResult> {
  const { width, height, heights, y } = block;
  if (computeEdges) extendBlock(block, sides);
  const sizeOf = (row: number) => ({ width: sizes[2 * row] as number, height: sizes[2 * row + 1] as number });
  const run: RunOptions = { sizeOf, computeEdges, ...(computeEdges ? { sides } : {}) };
  const isShade = analysis.kind === "hillshade";
  const found = computeFast(analysis, block, run) ?? runKernel(block, kernelOf(analysis), run);
  const values = isShade
    ? new Uint8Array(heights.buffer, 0, width * height)
    : new Float32Array(heights.buffer, 0, width * height);
  if (isShade && found instanceof Float32Array) roundShades(found, values);
  else values.set(found);
  if (!isShade) for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = NO_RESULT;
  return transferred({ y, height, values }, [heights.buffer]);
}

function computeFast(analysis: Analysis, block: RowBlock, run: RunOptions): Float32Array | Uint8Array | null {
  if (block.width < 4 || (analysis.kind !== "slope" && analysis.kind !== "hillshade")) return null;
  fast ??= new FastKernels();
  const inMemory = fast.makeBlock(block.width, block.height);
  inMemory.heights.set(block.heights);
  return analysis.kind === "slope" ? fast.slope(inMemory, analysis, run) : fast.hillshade(inMemory, analysis, run);
}

function roundShades(from: Float32Array, to: Float32Array | Uint8Array): void {
  for (let i = 0; i < from.length; i++) to[i] = Number.isNaN(from[i]) ? 0 : Math.floor((from[i] as number) + 0.5);
}
