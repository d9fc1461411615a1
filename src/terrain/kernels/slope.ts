import type { KernelForSize } from "../cell_kernel.ts";
import { riseEast, riseNorth, type GradientMethod } from "./gradient.ts";

export interface SlopeOptions {
  readonly method: GradientMethod;
  readonly unit: "degrees" | "percent";
}

const DEGREES = 180 / Math.PI;

/** How steep the ground is: 0 for level, 90 degrees or infinitely many percent for a wall. */
export function slopeKernel({ method, unit }: SlopeOptions): KernelForSize {
  return (size) => {
    const [east, north] = [riseEast(method, size), riseNorth(method, size)];
    return (heights, i, stride) => {
      const x = east(heights, i, stride);
      const y = north(heights, i, stride);
      const rise = Math.sqrt(x * x + y * y);
      return unit === "percent" ? 100 * rise : Math.atan(rise) * DEGREES;
    };
  };
}
