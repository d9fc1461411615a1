import type { CellKernel, KernelForSize } from "./cell_kernel.ts";
import type { CellSize, HeightBlock, RasterSides } from "./height_block.ts";

export interface EdgeOptions {
  /** Of row `y` of the window. */
  readonly sizeOf: (y: number) => CellSize;
  /** Sides of the raster that `extendBlock` has filled. @default none */
  readonly sides?: RasterSides;
}

/** Whether the cell or one of its eight neighbours has no height. */
export function hasGap(z: Float32Array, i: number, stride: number): boolean {
  const [north, south] = [i - stride, i + stride];
  let sum = (z[north - 1] as number) + (z[north] as number) + (z[north + 1] as number);
  sum += (z[i - 1] as number) + (z[i] as number) + (z[i + 1] as number);
  sum += (z[south - 1] as number) + (z[south] as number) + (z[south + 1] as number);
  return Number.isNaN(sum);
}

/**
 * Gives `set` the values of cells that have a height but not all neighbours, as gdaldem's `-compute_edges`: what is missing counts as high as the
 * cell itself. Those of the raster's corners as well, which are a case of their own.
 */
export function fillEdges(
  { width, height, heights }: HeightBlock,
  kernelFor: KernelForSize,
  { sizeOf, sides }: EdgeOptions,
  set: (index: number, value: number) => void,
): void {
  const stride = width + 2;
  for (let y = 0; y < height; y++) {
    const row = (y + 1) * stride + 1;
    let kernel: CellKernel | null = null;
    for (let x = 0; x < width; x++) {
      if (!hasGap(heights, row + x, stride) || Number.isNaN(heights[row + x])) continue;
      kernel ??= kernelFor(sizeOf(y));
      set(y * width + x, valueAt(kernel, heights, row + x, stride, null));
    }
  }
  for (const { x, y, outside } of sides === undefined ? [] : listCorners(width, height, sides)) {
    const i = (y + 1) * stride + x + 1;
    if (!Number.isNaN(heights[i])) set(y * width + x, valueAt(kernelFor(sizeOf(y)), heights, i, stride, outside));
  }
}

interface Corner {
  readonly x: number;
  readonly y: number;
  /** Which column lies outside of the raster: to the west, or to the east. */
  readonly outside: -1 | 1;
}

function listCorners(width: number, height: number, sides: RasterSides): Corner[] {
  const rows = new Set([...(sides.top ? [0] : []), ...(sides.bottom ? [height - 1] : [])]);
  return [...rows].flatMap((y) => [
    ...(sides.left ? [{ x: 0, y, outside: -1 } as const] : []),
    ...(sides.right ? [{ x: width - 1, y, outside: 1 } as const] : []),
  ]);
}

const around = new Float32Array(9);

/** @param outside a column for which the cell's own stands: beside the ends of the first and last row gdaldem does not go on outwards */
function valueAt(kernel: CellKernel, heights: Float32Array, i: number, stride: number, outside: -1 | 1 | null): number {
  for (let at = 0; at < 9; at++) {
    const column = (at % 3) - 1;
    const height = heights[i + (Math.floor(at / 3) - 1) * stride + (column === outside ? 0 : column)] as number;
    around[at] = Number.isNaN(height) ? (heights[i] as number) : height;
  }
  return kernel(around, 4, 3);
}
