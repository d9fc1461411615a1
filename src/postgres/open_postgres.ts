import { TilthError } from "../core/index.ts";
import { readPostgresUrl } from "./address.ts";
import { PostgresDatabase } from "./database.ts";
import type { OpenPostgresOptions } from "./driver.ts";

/** The oldest that its makers still mend in 2026. */
const OLDEST_VERSION = 140_000;

/**
 * Connects and looks at the server's version.
 * @throws `postgres.url`, `postgres.unreachable`, `postgres.denied`, `postgres.unsupported`
 */
export async function openPostgres(url: string, options: OpenPostgresOptions = {}): Promise<PostgresDatabase> {
  const address = readPostgresUrl(url);
  // Takes 40 ms to load, which only who has such an address pays.
  const { default: driver } = await import("pg");
  const database = new PostgresDatabase(driver, address, options);
  try {
    const text = "SELECT current_setting('server_version_num')::int AS version";
    const [row] = await database.query<{ version: number }>(text, [], options);
    requireVersion(row?.version ?? 0, database.location);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** @param version as `server_version_num` tells it: 140005 is 14.5 */
export function requireVersion(version: number, location: string): void {
  if (version >= OLDEST_VERSION) return;
  const message = `expected PostgreSQL 14 or newer at ${location}, got ${Math.floor(version / 10_000)}; upgrade the server`;
  throw new TilthError("postgres.unsupported", message, { fields: { location, version } });
}
