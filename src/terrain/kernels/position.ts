import type { CellKernel, KernelForSize } from "../cell_kernel.ts";

/** Topographic position index: how much the cell stands above the mean of its eight neighbours, in units of height (Weiss 2001, with a window of 3 x 3). */
export function positionKernel(): KernelForSize {
  return () => kernel;
}

const { fround } = Math;

// In single precision and in gdaldem's order: the last digits of heights of some hundred metres are what is left.
const kernel: CellKernel = (z, i, stride) => {
  const [north, south] = [i - stride, i + stride];
  let sum = fround(fround((z[north - 1] as number) + (z[north] as number)) + (z[north + 1] as number));
  sum = fround(fround(sum + (z[i - 1] as number)) + (z[i + 1] as number));
  sum = fround(fround(fround(sum + (z[south - 1] as number)) + (z[south] as number)) + (z[south + 1] as number));
  return (z[i] as number) - sum / 8;
};
