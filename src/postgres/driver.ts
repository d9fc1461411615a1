import type pg from "pg";
import type { Clock } from "../core/index.ts";
import type { PostgresAddress } from "./address.ts";

/** The module itself: it is loaded when the first database is opened. */
export type Driver = typeof pg;

const BIGINT = 20;

/** How values of rows are read: as the driver does it, but `bigint` as a number (counts, bytes and milliseconds stay below 2^53). */
function readTypes({ types }: Driver): pg.CustomTypesConfig {
  const parserOf = (oid: number, format?: "text" | "binary"): unknown =>
    oid === BIGINT ? Number : types.getTypeParser(oid, format as "text");
  return { getTypeParser: parserOf as typeof types.getTypeParser };
}

export interface OpenPostgresOptions {
  /** For the opening. */
  signal?: AbortSignal;
  /** Connections in use at most; a cancel or a listener takes one more for its time. @default 4 */
  maxConnections?: number;
  /** Shown in `pg_stat_activity`. @default the URL's, else "tilth" */
  applicationName?: string;
  /** @default the URL's `connect_timeout`, else 10000 */
  connectTimeoutMs?: number;
  /** Longest wait for the answer to one statement; then it counts as unreachable. @default 600000 (10 min) */
  queryTimeoutMs?: number;
  clock?: Clock;
}

/** What the driver is told of a connection: all of it, so that it reads nothing of the environment but the name of the user. */
export function configOf(driver: Driver, address: PostgresAddress, options: OpenPostgresOptions): pg.PoolConfig {
  const { host, port, database, user, password, tls } = address;
  return {
    host,
    port,
    database,
    user,
    password,
    ssl: tls,
    types: readTypes(driver),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: options.applicationName ?? address.applicationName ?? "tilth",
    connectionTimeoutMillis: options.connectTimeoutMs ?? address.connectTimeoutMs ?? 10_000,
  };
}
