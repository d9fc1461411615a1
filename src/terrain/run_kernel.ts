import type { KernelForSize } from "./cell_kernel.ts";
import { fillEdges, hasGap, type EdgeOptions } from "./fill_edges.ts";
import type { HeightBlock } from "./height_block.ts";

export interface RunOptions extends EdgeOptions {
  /** Cells beside one without a height get a value, too. @default false */
  readonly computeEdges?: boolean;
}

/** The window's cells, row-major from the top left. */
export function runKernel(
  block: HeightBlock,
  kernelFor: KernelForSize,
  options: RunOptions,
): Float32Array<ArrayBuffer> {
  const { width, height, heights } = block;
  const out = new Float32Array(width * height);
  const stride = width + 2;
  for (let y = 0; y < height; y++) {
    const kernel = kernelFor(options.sizeOf(y));
    const row = (y + 1) * stride + 1;
    for (let x = 0; x < width; x++)
      out[y * width + x] = hasGap(heights, row + x, stride) ? Number.NaN : kernel(heights, row + x, stride);
  }
  if (options.computeEdges === true) fillEdges(block, kernelFor, options, (i, value) => void (out[i] = value));
  return out;
}
