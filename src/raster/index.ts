export * from "./inspect_tile.ts";
export * from "./pixels.ts";
export * from "./tile_format.ts";
