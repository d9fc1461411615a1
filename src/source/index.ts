export * from "./fetch_tile.ts";
export * from "./http_source.ts";
export * from "./http_tile.ts";
export * from "./tile_source.ts";
export * from "./url_template.ts";
export * from "./fetch_tiles.ts";
