export * from "./resolve_source.ts";
