import type { KernelForSize } from "./cell_kernel.ts";
import type { ColorMatch, ColorRamp } from "./color/color_ramp.ts";
import { aspectKernel, type AspectOptions } from "./kernels/aspect.ts";
import { curvatureKernel, type CurvatureKind } from "./kernels/curvature.ts";
import { hillshadeKernel, type HillshadeOptions } from "./kernels/hillshade.ts";
import { positionKernel } from "./kernels/position.ts";
import { roughnessKernel } from "./kernels/roughness.ts";
import { ruggednessKernel, type RuggednessMethod } from "./kernels/ruggedness.ts";
import { slopeKernel, type SlopeOptions } from "./kernels/slope.ts";

/** An analysis of a cell and its neighbours, as data: crosses thread borders. */
export type CellAnalysis =
  | ({ readonly kind: "slope" } & SlopeOptions)
  | ({ readonly kind: "aspect" } & AspectOptions)
  | ({ readonly kind: "hillshade" } & HillshadeOptions)
  | { readonly kind: "ruggedness"; readonly method: RuggednessMethod }
  | { readonly kind: "position" }
  | { readonly kind: "roughness" }
  | { readonly kind: "curvature"; readonly curvature: CurvatureKind };

/** Colours of heights. */
export interface ColorAnalysis {
  readonly kind: "colors";
  readonly ramp: ColorRamp;
  readonly match: ColorMatch;
  /** A fourth band. */
  readonly alpha: boolean;
}

export type Analysis = CellAnalysis | ColorAnalysis;

/** What stands where there is no result, as in gdaldem's files. */
export const NO_RESULT = -9999;
export const NO_SHADE = 0;

export interface OutputBand {
  readonly type: "float32" | "uint8";
  readonly nodata: number | null;
  readonly color: "gray" | "red" | "green" | "blue" | "alpha";
}

/** Bands that come out. */
export function outputsOf(analysis: Analysis): OutputBand[] {
  if (analysis.kind === "hillshade") return [{ type: "uint8", nodata: NO_SHADE, color: "gray" }];
  if (analysis.kind !== "colors") return [{ type: "float32", nodata: NO_RESULT, color: "gray" }];
  const colors = ["red", "green", "blue", ...(analysis.alpha ? (["alpha"] as const) : [])] as const;
  return colors.map((color) => ({ type: "uint8", nodata: null, color }));
}

export function kernelOf(analysis: CellAnalysis): KernelForSize {
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
