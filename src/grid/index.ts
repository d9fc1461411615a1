export * from "./known_grids.ts";
export * from "./tile.ts";
export * from "./tile_matrix_set.ts";
export * from "./coverage.ts";
export * from "./grid_coverage.ts";
export * from "./tile_plan.ts";
export * from "./zooms.ts";
