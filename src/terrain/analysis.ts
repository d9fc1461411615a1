import type { KernelForSize } from "./cell_kernel.ts";
import { aspectKernel, type AspectOptions } from "./kernels/aspect.ts";
import { curvatureKernel, type CurvatureKind } from "./kernels/curvature.ts";
import { hillshadeKernel, type HillshadeOptions } from "./kernels/hillshade.ts";
import { positionKernel } from "./kernels/position.ts";
import { roughnessKernel } from "./kernels/roughness.ts";
import { ruggednessKernel, type RuggednessMethod } from "./kernels/ruggedness.ts";
import { slopeKernel, type SlopeOptions } from "./kernels/slope.ts";

/** An analysis of a cell and its neighbours, as data: crosses thread borders. */
export type Analysis =
  | ({ readonly kind: "slope" } & SlopeOptions)
  | ({ readonly kind: "aspect" } & AspectOptions)
  | ({ readonly kind: "hillshade" } & HillshadeOptions)
  | { readonly kind: "ruggedness"; readonly method: RuggednessMethod }
  | { readonly kind: "position" }
  | { readonly kind: "roughness" }
  | { readonly kind: "curvature"; readonly curvature: CurvatureKind };

/** What stands where there is no result, as in gdaldem's files. */
export const NO_RESULT = -9999;
export const NO_SHADE = 0;

/** Of the band that comes out. */
export function outputOf({ kind }: Analysis): { readonly type: "float32" | "uint8"; readonly nodata: number } {
  return kind === "hillshade" ? { type: "uint8", nodata: NO_SHADE } : { type: "float32", nodata: NO_RESULT };
}

export function kernelOf(analysis: Analysis): KernelForSize {
  switch (analysis.kind) {
    case "slope":
      return slopeKernel(analysis);
    case "aspect":
      return aspectKernel(analysis);
    case "hillshade":
      return hillshadeKernel(analysis);
    case "ruggedness":
      return ruggednessKernel(analysis.method);
    case "position":
      return positionKernel();
    case "roughness":
      return roughnessKernel();
    case "curvature":
      return curvatureKernel(analysis.curvature);
  }
}
