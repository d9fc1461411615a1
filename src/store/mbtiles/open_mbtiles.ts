import { existsSync } from "node:fs";
import { basename } from "node:path";
import { TilthError } from "../../core/index.ts";
import { openSqlite, type SqliteBatch, type SqliteConnection } from "../../geopackage/index.ts";
import { webMercatorQuad, type TileMatrixSet } from "../../grid/index.ts";
import { checkGrid, checkSource, sameGrid } from "../grid_match.ts";
import { gridForNew, newMetadata } from "../new_metadata.ts";
import { formatOfExtension } from "../sniff_format.ts";
import { ledgerBatches } from "../sqlite/ledger_tables.ts";
import { pageSizeFor } from "../sqlite/page_size.ts";
import { SqliteTileStore } from "../sqlite/sqlite_tile_store.ts";
import { tasks } from "../sqlite/tasks.ts";
import { gridFromText, gridToText } from "../stored_grid.ts";
import type { OpenStoreOptions, StoreMetadata, TileStore } from "../tile_store.ts";
import { mbtilesMetadataBatches, mbtilesSchema } from "./mbtiles_schema.ts";
import { METADATA_TABLE } from "../sqlite/table_names.ts";

export interface OpenMbtilesOptions extends OpenStoreOptions {
  /** A new file keeps equal tiles once (sea, say), behind a view. An existing one stays as it is. @default false */
  deduplicate?: boolean;
}

interface Contents {
  grid: TileMatrixSet;
  metadata: StoreMetadata;
  hasLedger: boolean;
  deduplicate: boolean;
}

const NEW_TABLES = [
  "CREATE TABLE metadata (name TEXT, value TEXT)",
  "CREATE UNIQUE INDEX metadata_name ON metadata (name)",
];

const PLAIN_TABLES = [
  "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)",
  "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)",
];

const DEDUPLICATED_TABLES = [
  "CREATE TABLE images (tile_id TEXT, tile_data BLOB)",
  "CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT)",
  `CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column, map.tile_row AS tile_row,
     images.tile_data AS tile_data FROM map JOIN images ON images.tile_id = map.tile_id`,
];

/** What writing needs; a file of another program may lack some of it. */
const PLAIN_INDEXES = ["CREATE UNIQUE INDEX IF NOT EXISTS tilth_address ON tiles (zoom_level, tile_column, tile_row)"];
const DEDUPLICATED_INDEXES = [
  "CREATE UNIQUE INDEX IF NOT EXISTS map_index ON map (zoom_level, tile_column, tile_row)",
  "CREATE INDEX IF NOT EXISTS map_tile_id ON map (tile_id)",
  "CREATE UNIQUE INDEX IF NOT EXISTS images_id ON images (tile_id)",
];

/**
 * Opens or creates an MBTiles 1.3 file; web mercator only. Files of other programs are taken over in mode `write`.
 * @throws `store.missing`, `store.format`, `store.mismatch`, `store.locked`, `store.readOnly`, `store.corrupt`
 */
export async function openMbtilesStore(path: string, options: OpenMbtilesOptions): Promise<TileStore> {
  const { mode, lockTimeoutMs, signal } = options;
  if (!existsSync(path)) checkMercator(path, gridForNew(path, options));
  const db = await openSqlite({
    path,
    mode,
    lock: mode === "write",
    pageSizeBytes: pageSizeFor(options),
    lockTimeoutMs,
    signal,
  });
  try {
    return await openContents(db, options);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function openContents(db: SqliteConnection, options: OpenMbtilesOptions): Promise<TileStore> {
  const isWriting = options.mode === "write";
  const [{ n } = { n: 0 }] = await db.all("SELECT count(*) n FROM sqlite_master");
  let contents: Contents;
  if (n === 0 && isWriting) contents = await create(db, options);
  else {
    contents = await readContents(db);
    checkGrid(db.path, contents.grid, options.grid);
    checkSource(db.path, contents.metadata.sourceId, options.metadata?.sourceId);
    if (isWriting) await takeOver(db, contents);
  }
  const store = await makeStore(db, contents, { readOnly: !isWriting, hasLedger: isWriting || contents.hasLedger });
  const sourceId = options.metadata?.sourceId ?? null;
  if (isWriting && contents.metadata.sourceId === null && sourceId !== null) await store.updateMetadata({ sourceId });
  return store;
}

async function create(db: SqliteConnection, options: OpenMbtilesOptions): Promise<Contents> {
  const grid = checkMercator(db.path, gridForNew(db.path, options));
  const deduplicate = options.deduplicate ?? false;
  const metadata = newMetadata(options.layer ?? basename(db.path, ".mbtiles"), options.metadata);
  await db.transaction([
    // 'MPBX', the mark that MBTiles 1.3 asks for.
    { sql: `PRAGMA application_id = ${0x4d504258}`, rows: [[]] },
    ...statements(
      NEW_TABLES,
      deduplicate ? DEDUPLICATED_TABLES : PLAIN_TABLES,
      deduplicate ? DEDUPLICATED_INDEXES : [],
    ),
    ...ledgerBatches(),
    gridBatch(grid),
    ...mbtilesMetadataBatches(metadata),
  ]);
  await db.startWriting();
  return { grid, metadata, hasLedger: true, deduplicate };
}

async function takeOver(db: SqliteConnection, { grid, hasLedger, deduplicate }: Contents): Promise<void> {
  await db.startWriting();
  if (hasLedger) return;
  const isIndexed = await db.run(tasks.hasAddressIndex, [deduplicate ? "map" : "tiles"]);
  const indexes = deduplicate ? DEDUPLICATED_INDEXES : isIndexed ? [] : PLAIN_INDEXES;
  await db.transaction([...statements(indexes), ...ledgerBatches(), gridBatch(grid)]);
}

function gridBatch(grid: TileMatrixSet): SqliteBatch {
  return { sql: `INSERT OR REPLACE INTO ${METADATA_TABLE} VALUES ('tiles', 'grid', ?)`, rows: [[gridToText(grid)]] };
}

function statements(...lists: readonly (readonly string[])[]): SqliteBatch[] {
  return lists.flat().map((sql) => ({ sql, rows: [[]] }));
}

async function readContents(db: SqliteConnection): Promise<Contents> {
  const objects = await db.all("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')");
  const types = new Map(objects.map((row) => [String(row["name"]), String(row["type"])]));
  if (!types.has("metadata") || !types.has("tiles")) {
    throw new TilthError(
      "store.format",
      `expected the tables 'metadata' and 'tiles' of MBTiles in ${db.path}, got none`,
      {
        fields: { path: db.path },
      },
    );
  }
  const rows = await db.all("SELECT name, value FROM metadata");
  const given = new Map(rows.map((row) => [String(row["name"]), String(row["value"] ?? "")]));
  const values = await db.run(tasks.readValues, ["tiles"]);
  return {
    grid: values["grid"] === undefined ? webMercatorQuad() : gridFromText(values["grid"], db.path),
    hasLedger: values["grid"] !== undefined,
    deduplicate: types.get("tiles") === "view" && types.has("map") && types.has("images"),
    metadata: {
      title: given.get("name") ?? basename(db.path, ".mbtiles"),
      description: given.get("description") ?? "",
      attribution: given.get("attribution") ?? "",
      format: formatOfExtension(given.get("format") ?? ""),
      sourceId: values["sourceId"] ?? null,
    },
  };
}

async function makeStore(
  db: SqliteConnection,
  contents: Contents,
  options: { readOnly: boolean; hasLedger: boolean },
): Promise<SqliteTileStore> {
  const { grid, metadata, deduplicate } = contents;
  const indexed = await db.run(tasks.hasAddressIndex, [deduplicate ? "map" : "tiles"]);
  const hasAttempts = await db.run(tasks.prepareLedger, [!options.readOnly]);
  const schema = mbtilesSchema(grid, { hasLedger: options.hasLedger, hasAttempts, indexed, deduplicate });
  return new SqliteTileStore({
    kind: "mbtiles",
    location: db.path,
    grid,
    metadata,
    readOnly: options.readOnly,
    connection: db,
    schema,
    writeMetadata: mbtilesMetadataBatches,
  });
}

function checkMercator(path: string, grid: TileMatrixSet): TileMatrixSet {
  if (sameGrid(grid, webMercatorQuad(grid.getMatrix(0).tileWidth))) return grid;
  const message = `expected the grid WebMercatorQuad for ${path} (MBTiles knows no other), got ${grid.id}; use a .gpkg file instead`;
  throw new TilthError("store.mismatch", message, { fields: { location: path, got: grid.id } });
}
