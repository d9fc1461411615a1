export * from "./enlarged_tile.ts";
export * from "./mosaic.ts";
export { isHalf, openCacheRaster, type CacheRasterOptions } from "./rasters/cache_raster.ts";
export { ParentSource } from "./rasters/parent_source.ts";
export { RasterSource, type RasterSourceOptions } from "./rasters/raster_source.ts";
export * from "./reprojected_source.ts";
export * from "./warp_id.ts";
export * from "./shared_flights.ts";
export * from "./tile_cache.ts";
export {
  fetchTiles,
  type SettledTile,
  type SourceInfo,
  type SourceTile,
  type TileRequest,
  type TileSource,
} from "../source/index.ts";
export {
  PRESENCE,
  sniffFormat,
  type TileFormat,
  type StoreCounts,
  type StoredTile,
  type StoreTask,
  type TileRecord,
  type TileStore,
  type TileWrite,
} from "../store/index.ts";
export { findTileDamage } from "../raster/index.ts";
