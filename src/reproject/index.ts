export { buildControlMesh, DEFAULT_MAX_ERROR_PIXELS, type ControlBlock } from "./control_mesh.ts";
export { listFootprint } from "./footprint.ts";
export { sampleBlock, type Band } from "./kernels/sample_band.ts";
export { createPixelTransform, type PixelTransform, type RasterPlace } from "./raster_place.ts";
export { RESAMPLINGS, type Resampling } from "./resampling.ts";
export { warpRaster, type WarpRasterOptions } from "./warp_raster.ts";
export { WarpPlanner, type WarpPlannerOptions } from "./warp_plan.ts";
export type { TileWarp, WarpPlan } from "./plan_builder.ts";
export { Warper, type WarpedTile, type WarperOptions } from "./warper.ts";
export { cutRaster, rectOfBbox, rectOfExtent } from "./rasters/cut_raster.ts";
export { mosaicRaster, type MosaicOptions } from "./rasters/mosaic_raster.ts";
export {
  imageExtent,
  requirePlace,
  suggestTarget,
  type TargetOptions,
  type WarpTarget,
} from "./rasters/warp_target.ts";
export { warpedRaster, type WarpedRasterOptions } from "./rasters/warped_raster.ts";
