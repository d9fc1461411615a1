import type { CellSize } from "./height_block.ts";

/**
 * What an analysis says of the cell at `i`, from it and its eight neighbours, which all have a height: `stride` cells further is the row to the
 * south. NaN where it says nothing.
 */
export type CellKernel = (heights: Float32Array, i: number, stride: number) => number;

/** Cells may be of another size in each row: those of a geographic DEM are. */
export type KernelForSize = (size: CellSize) => CellKernel;
