export { createApp, type ServerOptions } from "./app.ts";
export type { MissingTile } from "./answer_tile.ts";
export * from "./served_cache.ts";
export * from "./start_server.ts";
