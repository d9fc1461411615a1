export { buildAreas, buildSea } from "./build_areas.ts";
export { buildFeatures } from "./build_features.ts";
export { scanPart } from "./scan_part.ts";
