export * from "./crs.ts";
