export { isPostgresUrl, readPostgresUrl, shownPostgresUrl, type PostgresAddress } from "./address.ts";
export {
  openPostgres,
  PostgresDatabase,
  type OpenPostgresOptions,
  type PostgresTransaction,
  type StreamOptions,
} from "./database.ts";
export { isPostgresRetryable, sqlstateOf } from "./errors.ts";
export type { QueryOptions } from "./lease.ts";
export type { ListenOptions } from "./listener.ts";
export { migrate, readVersion, type MigrateOptions, type Migration } from "./migrate.ts";
export { withReconnect, type ReconnectOptions } from "./reconnect.ts";
