import type { KernelForSize } from "../cell_kernel.ts";

/**
 * `profile`: along the way down, negative where it gets steeper (convex). `plan`: across it, positive where it spreads (a ridge). `total`: of the
 * surface as a whole, positive where it is convex.
 */
export type CurvatureKind = "profile" | "plan" | "total";

/**
 * Hundredths of a unit of height, of the surface of the fourth degree through the nine heights (Zevenbergen and Thorne, Quantitative analysis of
 * land surface topography, Earth Surface Processes and Landforms 12, 1987); signs and unit as ArcGIS documents them: total is plan less profile.
 * 0 where the ground is level.
 */
export function curvatureKernel(kind: CurvatureKind): KernelForSize {
  return ({ width, height }) =>
    (z, i, stride) => {
      const [north, south] = [i - stride, i + stride];
      const [west, east] = [z[i - 1] as number, z[i + 1] as number];
      const [above, below, own] = [z[north] as number, z[south] as number, z[i] as number];
      const bendX = ((west + east) / 2 - own) / (width * width);
      const bendY = ((above + below) / 2 - own) / (height * height);
      if (kind === "total") return -200 * (bendX + bendY);
      const corners = (z[north + 1] as number) - (z[north - 1] as number) + (z[south - 1] as number);
      const twist = (corners - (z[south + 1] as number)) / (4 * width * height);
      const x = (east - west) / (2 * width);
      const y = (above - below) / (2 * height);
      const steep = x * x + y * y;
      if (steep === 0) return 0;
      return kind === "profile"
        ? (200 * (bendX * x * x + bendY * y * y + twist * x * y)) / steep
        : (-200 * (bendX * y * y + bendY * x * x - twist * x * y)) / steep;
    };
}
