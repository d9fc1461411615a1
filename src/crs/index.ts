export * from "./crs.ts";
export * from "./transform.ts";
