import type { CellKernel, KernelForSize } from "../cell_kernel.ts";

/** `riley`: root of the sum of squares (Riley et al. 1999), for land. `wilson`: mean of the differences (Wilson et al. 2007), for the sea floor. */
export type RuggednessMethod = "riley" | "wilson";

/** Terrain ruggedness index: how much the eight neighbours differ from the cell, in units of height. */
export function ruggednessKernel(method: RuggednessMethod): KernelForSize {
  const kernel = method === "riley" ? riley : wilson;
  return () => kernel;
}

const riley: CellKernel = (z, i, stride) => Math.sqrt(sumAround(z, i, stride, (difference) => difference * difference));

const wilson: CellKernel = (z, i, stride) => sumAround(z, i, stride, Math.abs) / 8;

function sumAround(z: Float32Array, i: number, stride: number, weigh: (difference: number) => number): number {
  const own = z[i] as number;
  let sum = 0;
  for (let row = i - stride; row <= i + stride; row += stride)
    for (let at = row - 1; at <= row + 1; at++) sum += weigh((z[at] as number) - own);
  return sum;
}
