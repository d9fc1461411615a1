import { existsSync, statSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqlite, type SqliteConnection } from "../geopackage/index.ts";
import { openDirectoryStore } from "./directory/open_directory.ts";
import { openGeopackageStore } from "./geopackage/open_geopackage.ts";
import { listPyramids } from "./geopackage/pyramid.ts";
import { openMbtilesStore, type OpenMbtilesOptions } from "./mbtiles/open_mbtiles.ts";
import { openMemoryStore } from "./memory/memory_store.ts";
import { listPostgresCaches, openPostgresStoreAt } from "./postgres/open_postgres_store.ts";
import { isStoreUrl } from "./store_url.ts";
import type { TileStore } from "./tile_store.ts";

/** Options of every kind of store; those that a kind does not know are ignored by it. */
export type StoreOptions = OpenMbtilesOptions & { maxBytes?: number };

type Kind = "geopackage" | "mbtiles" | "directory";

const KIND_BY_EXTENSION: Readonly<Record<string, Kind>> = {
  ".gpkg": "geopackage",
  ".gpkx": "geopackage",
  ".mbtiles": "mbtiles",
};

/**
 * Opens or creates the store at a path, a `file:` URL, a `postgres:` URL or `memory:`. What is there already says by its contents what it is;
 * a new one is told by its extension: `.gpkg`, `.mbtiles`, else a folder of z/x/y files.
 * @throws `store.missing`, `store.format`, `store.mismatch`, `store.locked`, `store.readOnly`, `store.corrupt`, `argument.invalid`, `postgres.*`
 */
export async function openStore(location: string, options: StoreOptions): Promise<TileStore> {
  if (location === "memory:") return openMemoryStore(options);
  if (isStoreUrl(location)) return openPostgresStoreAt(location, options);
  const path = location.startsWith("file:") ? fileURLToPath(location) : location;
  switch (await kindOf(path)) {
    case "geopackage":
      return openGeopackageStore(path, options);
    case "mbtiles":
      return openMbtilesStore(path, options);
    case "directory":
      return openDirectoryStore(path, options);
  }
}

/** Names of the layers within a file or database with several (GeoPackage, PostgreSQL); empty for every other kind. */
export async function listLayers(path: string): Promise<string[]> {
  if (isStoreUrl(path)) return listPostgresCaches(path);
  if ((await kindOf(path)) !== "geopackage") return [];
  const db = await openSqlite({ path, mode: "read", lock: false });
  try {
    return await listPyramids(db);
  } finally {
    await db.close();
  }
}

async function kindOf(path: string): Promise<Kind> {
  const byName = KIND_BY_EXTENSION[extname(path).toLowerCase()];
  if (!existsSync(path)) return byName ?? "directory";
  if (statSync(path).isDirectory()) return "directory";
  return byName ?? kindByContents(path);
}

/**
 * Asks SQLite and does not look at the first bytes itself: closing a file drops every lock that this process holds on it (POSIX),
 * those of a store that has it open for writing included.
 */
async function kindByContents(path: string): Promise<Kind> {
  const db = await openSqlite({ path, mode: "read", lock: false });
  try {
    return (await hasContentsTable(db)) ? "geopackage" : "mbtiles";
  } finally {
    await db.close();
  }
}

async function hasContentsTable(db: SqliteConnection): Promise<boolean> {
  return (await db.all("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'")).length > 0;
}
