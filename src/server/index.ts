export { createApp, type ServerOptions } from "./app.ts";
export type { MissingTile } from "./routes/tiles.ts";
export * from "./served_cache.ts";
export * from "./start_server.ts";
