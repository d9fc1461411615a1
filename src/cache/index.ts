export * from "./enlarged_tile.ts";
export * from "./mosaic.ts";
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
