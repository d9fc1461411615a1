export * from "./bbox.ts";
export * from "./geojson.ts";
