export * from "./code.ts";
export * from "./crs.ts";
export * from "./crs_type.ts";
export * from "./transform.ts";
