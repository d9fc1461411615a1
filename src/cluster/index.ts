export * from "./budget/index.ts";
