export * from "./code.ts";
export * from "./crs.ts";
export * from "./crs_type.ts";
export * from "./transform.ts";
export * from "./crs_to_wkt1.ts";
export * from "./list_crs.ts";
export * from "./crs_to_proj.ts";
