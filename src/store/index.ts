export { openDirectoryStore } from "./directory/open_directory.ts";
export { openGeopackageStore } from "./geopackage/open_geopackage.ts";
export { openMbtilesStore, type OpenMbtilesOptions } from "./mbtiles/open_mbtiles.ts";
export { openMemoryStore, type MemoryStoreOptions } from "./memory/memory_store.ts";
export { sniffFormat } from "./sniff_format.ts";
export { listLayers, openStore, type StoreOptions } from "./open_store.ts";
export * from "./tile_store.ts";
