export { isPostgresUrl, readPostgresUrl, shownPostgresUrl, type PostgresAddress } from "./address.ts";
export { PostgresDatabase, type PostgresTransaction, type StreamOptions } from "./database.ts";
export type { OpenPostgresOptions } from "./driver.ts";
export { isPostgresRetryable, sqlstateOf } from "./errors.ts";
export type { QueryOptions } from "./lease.ts";
export type { ListenOptions } from "./listener.ts";
export { migrate, readVersion, type MigrateOptions, type Migration } from "./migrate.ts";
export { openPostgres } from "./open_postgres.ts";
export { withReconnect, type ReconnectOptions } from "./reconnect.ts";
