import type { KernelForSize } from "../cell_kernel.ts";
import { riseEast, riseNorth, type GradientMethod } from "./gradient.ts";

export interface AspectOptions {
  readonly method: GradientMethod;
  /** `azimuth`: clockwise from north. `trigonometric`: counter-clockwise from east. */
  readonly angle: "azimuth" | "trigonometric";
  /** Where the ground is level: 0 instead of nothing. @default false */
  readonly zeroForFlat?: boolean;
}

const { fround } = Math;
const DEGREES = 180 / Math.PI;

/** Where the ground faces: the way down, 0 to 360 degrees. Nothing where it is level. */
export function aspectKernel({ method, angle, zeroForFlat = false }: AspectOptions): KernelForSize {
  return (size) => {
    const [east, north] = [riseEast(method, size), riseNorth(method, size)];
    return (heights, i, stride) => {
      const x = -east(heights, i, stride);
      const y = -north(heights, i, stride);
      if (x === 0 && y === 0) return zeroForFlat ? 0 : Number.NaN;
      // Single precision from the angle on, as gdaldem: near north its results have 4e-6 degrees between them.
      const fromEast = fround(Math.atan2(y, x) * DEGREES);
      const degrees = angle === "trigonometric" ? fromEast : fromEast > 90 ? 450 - fromEast : 90 - fromEast;
      const positive = fround(degrees < 0 ? degrees + 360 : degrees);
      return positive >= 360 ? 0 : positive;
    };
  };
}
