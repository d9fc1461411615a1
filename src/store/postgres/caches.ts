import { TilthError } from "../../core/index.ts";
import type { PostgresDatabase, QueryOptions } from "../../postgres/index.ts";
import type { StoreMetadata, TileFormat } from "../tile_store.ts";

export interface CacheRow {
  id: number;
  name: string;
  grid: string;
  metadata: StoreMetadata;
}

interface Row {
  id: number;
  name: string;
  grid: string;
  title: string;
  description: string;
  attribution: string;
  format: TileFormat | null;
  source_id: string | null;
}

/**
 * The cache of a name, or the only one when none is asked for; null when there is none.
 * @throws `argument.invalid` when there are several and none is named
 */
export async function findCache(
  database: PostgresDatabase,
  name: string | undefined,
  options: QueryOptions,
): Promise<CacheRow | null> {
  const where = name === undefined ? "" : "WHERE name = $1";
  const text = `SELECT id, name, grid, title, description, attribution, format, source_id FROM tilth.cache ${where} ORDER BY name LIMIT 20`;
  const rows = await database.query<Row>(text, name === undefined ? [] : [name], options);
  if (rows.length > 1) {
    const names = rows.map((row) => row.name);
    const message = `expected the name of one of several caches (?layer=NAME in the address, or --layer), got none; there are ${names.join(", ")}`;
    throw new TilthError("argument.invalid", message, { fields: { location: database.location, names } });
  }
  const [row] = rows;
  if (row === undefined) return null;
  const { id, grid, title, description, attribution, format, source_id: sourceId } = row;
  return { id, name: row.name, grid, metadata: { title, description, attribution, format, sourceId } };
}

/** Names of all caches, sorted. */
export async function listCaches(database: PostgresDatabase, options?: QueryOptions): Promise<string[]> {
  const rows = await database.query<{ name: string }>("SELECT name FROM tilth.cache ORDER BY name", [], options);
  return rows.map(({ name }) => name);
}

/** Harmless where another process has just made it. */
export async function insertCache(
  database: PostgresDatabase,
  { name, grid, metadata }: Omit<CacheRow, "id">,
  options: QueryOptions,
): Promise<void> {
  const text = `INSERT INTO tilth.cache (name, grid, title, description, attribution, format, source_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`;
  const { title, description, attribution, format, sourceId } = metadata;
  await database.query(text, [name, grid, title, description, attribution, format, sourceId], options);
}

export async function writeMetadata(
  database: Pick<PostgresDatabase, "query">,
  id: number,
  metadata: StoreMetadata,
): Promise<void> {
  const text = `UPDATE tilth.cache SET title = $2, description = $3, attribution = $4, format = $5, source_id = $6 WHERE id = $1`;
  const { title, description, attribution, format, sourceId } = metadata;
  await database.query(text, [id, title, description, attribution, format, sourceId]);
}
