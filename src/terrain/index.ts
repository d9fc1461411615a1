export type { CellSize, HeightBlock, RasterSides } from "./height_block.ts";
export type { CellKernel, KernelForSize } from "./cell_kernel.ts";
export { runKernel, type RunOptions } from "./run_kernel.ts";
export { emptyBlock, extendBlock } from "./height_block.ts";
export { aspectKernel, type AspectOptions } from "./kernels/aspect.ts";
export { curvatureKernel, type CurvatureKind } from "./kernels/curvature.ts";
export type { GradientMethod } from "./kernels/gradient.ts";
export { hillshadeKernel, type HillshadeOptions } from "./kernels/hillshade.ts";
export { positionKernel } from "./kernels/position.ts";
export { roughnessKernel } from "./kernels/roughness.ts";
export { ruggednessKernel, type RuggednessMethod } from "./kernels/ruggedness.ts";
export { slopeKernel, type SlopeOptions } from "./kernels/slope.ts";
export * from "./color/color_ramp.ts";
export { listColorRamps, namedRamp } from "./color/named_ramps.ts";
export * from "./color/parse_color_file.ts";
export { compileTerrain, FastKernels } from "./kernels/fast_kernels.ts";
export * from "./analyse_raster.ts";
export type { Analysis, CellAnalysis, ColorAnalysis } from "./analysis.ts";
export { TERRAIN_WORKER } from "./worker_url.ts";
export { cellSizes } from "./cell_sizes.ts";
export { listContours, type ContourCounts, type ContourOptions } from "./contours/list_contours.ts";
export {
  contourLayer,
  writeContours,
  type ContourFileOptions,
  type ContourSummary,
} from "./contours/write_contours.ts";
export { MAX_CONTOUR_LEVELS, type ContourLevels } from "./contours/level_ladder.ts";
export type { Classification, ClassPlan, HeightClass } from "./reclassify/classification.ts";
export { planClasses, type PlanClassesOptions } from "./reclassify/plan_classes.ts";
export { classInfo, reclassifyRaster, type ReclassifyOptions } from "./reclassify/reclassify_raster.ts";
export {
  computeViewshed,
  MAX_VIEWSHED_CELLS,
  viewshedInfo,
  viewshedStrips,
  type Viewshed,
  type ViewshedOptions,
} from "./viewshed/viewshed.ts";
export { listProfile, type ProfileOptions, type ProfilePlace } from "./profile/list_profile.ts";
export { PROFILE_HEAD, profileRow, ProfileTally, writeProfile, type ProfileSummary } from "./profile/write_profile.ts";
export type { HeightSampling } from "./profile/sample_heights.ts";
