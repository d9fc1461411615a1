import type { CellSize, HeightBlock, RasterSides } from "./height_block.ts";

/**
 * What an analysis says of the cell at `i`, from it and its eight neighbours, which all have a height: `stride` cells further is the row to the
 * south. NaN where it says nothing.
 */
export type CellKernel = (heights: Float32Array, i: number, stride: number) => number;

/** Cells may be of another size in each row: those of a geographic DEM are. */
export type KernelForSize = (size: CellSize) => CellKernel;

export interface RunOptions {
  /** Of row `y` of the window. */
  readonly sizeOf: (y: number) => CellSize;
  /** Cells beside one without a height get a value, too: what is missing counts as high as the cell itself. @default false */
  readonly computeEdges?: boolean;
  /** Sides of the raster that `extendBlock` has filled. @default none */
  readonly sides?: RasterSides;
}

/** The window's cells, row-major from the top left. */
export function runKernel(
  { width, height, heights }: HeightBlock,
  kernelFor: KernelForSize,
  { sizeOf, computeEdges = false, sides }: RunOptions,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(width * height);
  const stride = width + 2;
  for (let y = 0; y < height; y++) {
    const kernel = kernelFor(sizeOf(y));
    const row = (y + 1) * stride + 1;
    for (let x = 0; x < width; x++) {
      const i = row + x;
      if (!hasGap(heights, i, stride)) out[y * width + x] = kernel(heights, i, stride);
      else out[y * width + x] = computeEdges ? withoutGaps(kernel, heights, i, stride) : Number.NaN;
    }
  }
  for (const corner of sides === undefined ? [] : listCorners(width, height, sides)) {
    const i = (corner.y + 1) * stride + corner.x + 1;
    out[corner.y * width + corner.x] = atCorner(kernelFor(sizeOf(corner.y)), heights, i, stride, corner.outside);
  }
  return out;
}

/** Whether the cell or one of its eight neighbours has no height. */
function hasGap(z: Float32Array, i: number, stride: number): boolean {
  const [north, south] = [i - stride, i + stride];
  let sum = (z[north - 1] as number) + (z[north] as number) + (z[north + 1] as number);
  sum += (z[i - 1] as number) + (z[i] as number) + (z[i + 1] as number);
  sum += (z[south - 1] as number) + (z[south] as number) + (z[south + 1] as number);
  return Number.isNaN(sum);
}

interface Corner {
  readonly x: number;
  readonly y: number;
  /** Which column lies outside of the raster: to the west, or to the east. */
  readonly outside: -1 | 1;
}

function listCorners(width: number, height: number, sides: RasterSides): Corner[] {
  const rows = [...(sides.top ? [0] : []), ...(sides.bottom ? [height - 1] : [])];
  return [...new Set(rows)].flatMap((y) => [
    ...(sides.left ? [{ x: 0, y, outside: -1 } as const] : []),
    ...(sides.right ? [{ x: width - 1, y, outside: 1 } as const] : []),
  ]);
}

/** gdaldem goes on outwards from the first and last row; beside their ends it takes the end itself. */
function atCorner(kernel: CellKernel, heights: Float32Array, i: number, stride: number, outside: -1 | 1): number {
  const own = heights[i] as number;
  if (Number.isNaN(own)) return Number.NaN;
  for (let at = 0; at < 9; at++) {
    const column = (at % 3) - 1;
    const height = heights[i + (Math.floor(at / 3) - 1) * stride + (column === outside ? 0 : column)] as number;
    around[at] = Number.isNaN(height) ? own : height;
  }
  return kernel(around, 4, 3);
}

const around = new Float32Array(9);

/** gdaldem's way near cells without a height, with `-compute_edges`. */
function withoutGaps(kernel: CellKernel, heights: Float32Array, i: number, stride: number): number {
  const own = heights[i] as number;
  if (Number.isNaN(own)) return Number.NaN;
  for (let at = 0; at < 9; at++) {
    const height = heights[i + (Math.floor(at / 3) - 1) * stride + (at % 3) - 1] as number;
    around[at] = Number.isNaN(height) ? own : height;
  }
  return kernel(around, 4, 3);
}
