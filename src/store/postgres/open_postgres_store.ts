import { TilthError } from "../../core/index.ts";
import { migrate, openPostgres, readPostgresUrl, readVersion, type PostgresDatabase } from "../../postgres/index.ts";
import { checkGrid, checkSource } from "../grid_match.ts";
import { gridForNew, newMetadata } from "../new_metadata.ts";
import { gridFromText, gridToText } from "../stored_grid.ts";
import type { OpenStoreOptions } from "../tile_store.ts";
import { findCache, insertCache, listCaches, type CacheRow } from "./caches.ts";
import { PostgresTileStore } from "./postgres_tile_store.ts";
import { COMPONENT, MIGRATIONS, SCHEMA } from "./tables.ts";

/** Name of a cache that nobody has named. */
const DEFAULT_NAME = "tiles";

/** A database holds many caches by name: `layer`. Files are locked, this is not: `lockTimeoutMs` and `smallTiles` mean nothing here. */
export type OpenPostgresStoreOptions = Omit<OpenStoreOptions, "lockTimeoutMs" | "smallTiles">;

/**
 * Opens or creates a cache in a database that is open already, and stays open after `close`.
 * @throws `store.missing`, `store.mismatch`, `argument.invalid` (several caches and none named), `postgres.*`
 */
export async function openPostgresStore(
  database: PostgresDatabase,
  options: OpenPostgresStoreOptions,
): Promise<PostgresTileStore> {
  return openIn(database, options, false);
}

/** The same at a URL, whose `layer` names the cache when the options do not. @throws also `postgres.url` */
export async function openPostgresStoreAt(url: string, options: OpenPostgresStoreOptions): Promise<PostgresTileStore> {
  const layer = options.layer ?? readPostgresUrl(url).layer ?? undefined;
  const database = await openPostgres(url, { signal: options.signal });
  try {
    return await openIn(database, { ...options, layer }, true);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Names of the caches in the database of a URL; only that which the URL itself names, when it does. */
export async function listPostgresCaches(url: string): Promise<string[]> {
  const { layer } = readPostgresUrl(url);
  if (layer !== null) return [layer];
  await using database = await openPostgres(url, { maxConnections: 1 });
  return (await hasTables(database, {})) ? await listCaches(database) : [];
}

async function openIn(
  database: PostgresDatabase,
  options: OpenPostgresStoreOptions,
  ownsDatabase: boolean,
): Promise<PostgresTileStore> {
  const cache = (await findExisting(database, options)) ?? (await create(database, options));
  const location = locationOf(database, cache.name);
  const grid = gridFromText(cache.grid, location);
  checkGrid(location, grid, options.grid);
  checkSource(location, cache.metadata.sourceId, options.metadata?.sourceId);
  const readOnly = options.mode === "read";
  const { id: cacheId, metadata } = cache;
  const store = new PostgresTileStore({ database, cacheId, location, grid, metadata, readOnly, ownsDatabase });
  const sourceId = options.metadata?.sourceId ?? null;
  if (!readOnly && metadata.sourceId === null && sourceId !== null) await store.updateMetadata({ sourceId });
  return store;
}

async function findExisting(database: PostgresDatabase, options: OpenPostgresStoreOptions): Promise<CacheRow | null> {
  if (!(await hasTables(database, options))) return null;
  // Brings tables of an earlier version up to date; refuses those of a later one.
  if (options.mode === "write") await migrateStore(database, options.signal);
  return findCache(database, options.layer, options);
}

async function create(database: PostgresDatabase, options: OpenPostgresStoreOptions): Promise<CacheRow> {
  const name = options.layer ?? DEFAULT_NAME;
  const location = locationOf(database, name);
  const grid = gridToText(gridForNew(location, options));
  await migrateStore(database, options.signal);
  await insertCache(database, { name, grid, metadata: newMetadata(name, options.metadata) }, options);
  const made = await findCache(database, name, options);
  if (made !== null) return made;
  throw new TilthError("store.missing", `${location} was removed while it was opened`, { fields: { location } });
}

/** @throws `postgres.newerSchema` */
async function hasTables(database: PostgresDatabase, { signal }: { signal?: AbortSignal }): Promise<boolean> {
  const version = await readVersion(database, { schema: SCHEMA, component: COMPONENT, signal });
  if (version > MIGRATIONS.length) await migrateStore(database, signal);
  return version > 0;
}

function migrateStore(database: PostgresDatabase, signal: AbortSignal | undefined): Promise<void> {
  return migrate(database, { schema: SCHEMA, component: COMPONENT, migrations: MIGRATIONS, signal });
}

function locationOf(database: PostgresDatabase, name: string): string {
  return `postgres://${encodeURI(database.location)}?layer=${encodeURIComponent(name)}`;
}
