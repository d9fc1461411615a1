export type { DecodedTile } from "./decoded_tile.ts";
export type { BlockImage, BlockKey, DecodedBlock } from "./block_image.ts";
export { BlockRaster, type BlockRasterParts } from "./block_raster.ts";
export * from "./cut_tile.ts";
export * from "./detect_elevation.ts";
export * from "./elevation_tile.ts";
export * from "./encode_tile.ts";
export * from "./inspect_tile.ts";
export {
  blit,
  decodePixels,
  decodeTile,
  encodeImage,
  findTileDamage,
  type EncodeOptions,
  type ImageFormat,
  type RgbaImage,
} from "./pixels.ts";
export { encodePng, finishPng, isOpaque, preparePng, type PngOptions, type PreparedPng } from "./png_encoder.ts";
export * from "./affine.ts";
export { calcRaster, type CalcInput, type CalcOptions } from "./calc/calc_raster.ts";
export { CALC_WORKER } from "./calc/worker_url.ts";
export {
  ComputedRaster,
  type ComputeRequest,
  type ComputedPixels,
  type ComputedRasterParts,
} from "./computed_raster.ts";
export { openRaster, openRasterSource, type OpenRasterOptions } from "./open_raster.ts";
export { writeGeotiff, type RasterStrip } from "./geotiff/write_geotiff.ts";
export type { WriteCompression } from "./geotiff/encode_job.ts";
export type { OverviewResampling } from "./geotiff/halve.ts";
export type { WriteGeotiffOptions, WriteInfo } from "./geotiff/write_options.ts";
export * from "./pixel_type.ts";
export * from "./raster.ts";
export * from "./raster_statistics.ts";
export { RasterThreads } from "./raster_threads.ts";
export { putValues, valueRule, type ValueTarget } from "./value_rows.ts";
export { clipRaster } from "./clip_raster.ts";
export { fillNodata, type FillOptions } from "./fill/fill_raster.ts";
export { storeValues } from "./store_values.ts";
export * from "./tile_format.ts";
