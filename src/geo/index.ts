export * from "./bbox.ts";
