export * from "./abort.ts";
export * from "./clock.ts";
export * from "./error_codes.ts";
export * from "./errors.ts";
export * from "./logger.ts";
export * from "./outcome.ts";
export * from "./secrets.ts";
export * from "./units.ts";
