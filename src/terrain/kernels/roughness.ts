import type { CellKernel, KernelForSize } from "../cell_kernel.ts";

/** Largest less smallest height of the cell and its eight neighbours (Wilson et al. 2007). */
export function roughnessKernel(): KernelForSize {
  return () => kernel;
}

const kernel: CellKernel = (z, i, stride) => {
  let low = Infinity;
  let high = -Infinity;
  for (let row = i - stride; row <= i + stride; row += stride)
    for (let at = row - 1; at <= row + 1; at++) {
      const height = z[at] as number;
      if (height < low) low = height;
      if (height > high) high = height;
    }
  return high - low;
};
