export { Tokens, type Role, type TokenOptions } from "./access/tokens.ts";
export type { MissingTile } from "./answer_tile.ts";
export type { ServedBook } from "./cluster/served_cluster.ts";
export { createApp, type RateLimits, type ServerOptions } from "./app.ts";
export { openJobs, type OpenJobsOptions } from "./jobs/open_jobs.ts";
export type { JobRoom } from "./context.ts";
export { makeServerLogger } from "./server_logger.ts";
export { CacheRegistry, type ServedCache } from "./served_cache.ts";
export * from "./start_server.ts";
