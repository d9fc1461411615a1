import { existsSync, mkdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { TilthError } from "../../core/index.ts";
import { openSqlite, storeErrorFrom, type SqliteBatch, type SqliteConnection } from "../../geopackage/index.ts";
import { webMercatorQuad, type TileMatrixSet } from "../../grid/index.ts";
import { checkGrid, checkSource } from "../grid_match.ts";
import { gridForNew, newMetadata } from "../new_metadata.ts";
import { formatOfExtension, extensionOfFormat } from "../sniff_format.ts";
import { ledgerBatches } from "../sqlite/ledger_tables.ts";
import { SqliteTileStore } from "../sqlite/sqlite_tile_store.ts";
import { tasks } from "../sqlite/tasks.ts";
import { levelSizes, NO_HOOKS, type TileSchema } from "../sqlite/tile_schema.ts";
import { PENDING_TABLE_SQL } from "../sqlite/pending_files.ts";
import { gridFromText, gridToText } from "../stored_grid.ts";
import type { OpenStoreOptions, StoreMetadata, TileStore } from "../tile_store.ts";
import { adoptFiles } from "./adopt_files.ts";
import { METADATA_TABLE } from "../sqlite/table_names.ts";

const LEDGER_PATH = ".tilth/ledger.sqlite";

/** Here the table of tiles holds the path of each file; ledger and files are kept as one by `TileFiles`. */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS tiles (zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL, tile_row INTEGER NOT NULL,
     tile_data TEXT NOT NULL, PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID`,
  PENDING_TABLE_SQL,
];

interface Contents {
  grid: TileMatrixSet;
  metadata: StoreMetadata;
  /** False when a process was killed while it listed the files. */
  isAdopted: boolean;
}

/**
 * Opens or creates a folder of `z/x/y.ext` files (rows from the top), with its ledger in `.tilth/`. A folder of another program
 * is taken over: its files are listed once, with their times; in mode `read` only in memory.
 * @throws `store.missing`, `store.format`, `store.mismatch`, `store.locked`, `store.readOnly`, `argument.invalid`
 */
export async function openDirectoryStore(path: string, options: OpenStoreOptions): Promise<TileStore> {
  const isThere = existsSync(path);
  if (isThere && !statSync(path).isDirectory()) throw notAFolder(path);
  if (!isThere) gridForNew(path, options);
  const isWriting = options.mode === "write";
  const ledgerPath = join(path, LEDGER_PATH);
  if (isWriting) makeFolder(join(path, ".tilth"));
  const isNew = !existsSync(ledgerPath);
  const { lockTimeoutMs, signal } = options;
  const db = await openSqlite(
    isWriting || !isNew
      ? { path: ledgerPath, mode: options.mode, lock: isWriting, lockTimeoutMs, signal }
      : { path: ":memory:", mode: "write", lock: false, signal },
  );
  try {
    return await openContents(db, path, options);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function openContents(db: SqliteConnection, path: string, options: OpenStoreOptions): Promise<TileStore> {
  const isWriting = options.mode === "write";
  const [there] = await db.all("SELECT 1 FROM sqlite_master WHERE name = 'tiles'");
  let contents: Contents;
  if (there === undefined) contents = await createLedger(db, path, options);
  else {
    contents = await readContents(db, path);
    checkGrid(path, contents.grid, options.grid);
    checkSource(path, contents.metadata.sourceId, options.metadata?.sourceId);
    if (isWriting) {
      await db.startWriting();
      await db.run(tasks.recoverFiles, [path]);
      if (!contents.isAdopted) contents = await adopt(db, path, contents, options.signal);
    }
  }
  const store = new SqliteTileStore({
    kind: "directory",
    location: path,
    grid: contents.grid,
    metadata: contents.metadata,
    readOnly: !isWriting,
    connection: db,
    schema: directorySchema(path, contents.grid, await db.run(tasks.prepareLedger, [isWriting])),
    writeMetadata: metadataBatches,
  });
  const sourceId = options.metadata?.sourceId ?? null;
  if (isWriting && contents.metadata.sourceId === null && sourceId !== null) await store.updateMetadata({ sourceId });
  return store;
}

/** A folder that another program filled is web mercator unless said otherwise, as nearly all of them are. */
async function createLedger(db: SqliteConnection, path: string, options: OpenStoreOptions): Promise<Contents> {
  const grid = options.grid ?? webMercatorQuad();
  const metadata = newMetadata(basename(path), options.metadata);
  await db.transaction([
    ...TABLES.map((sql): SqliteBatch => ({ sql, rows: [[]] })),
    ...ledgerBatches(),
    { sql: `INSERT OR REPLACE INTO ${METADATA_TABLE} VALUES ('tiles', 'grid', ?)`, rows: [[gridToText(grid)]] },
    ...metadataBatches(metadata),
  ]);
  if (options.mode === "write") await db.startWriting();
  return adopt(db, path, { grid, metadata, isAdopted: false }, options.signal);
}

async function adopt(
  db: SqliteConnection,
  path: string,
  { grid, metadata }: Contents,
  signal: AbortSignal | undefined,
): Promise<Contents> {
  const format = await adoptFiles(db, path, grid, signal);
  const known = { ...metadata, format: metadata.format ?? format };
  await db.transaction([
    ...metadataBatches(known),
    { sql: `INSERT OR REPLACE INTO ${METADATA_TABLE} VALUES ('tiles', 'adopted', 'yes')`, rows: [[]] },
  ]);
  return { grid, metadata: known, isAdopted: true };
}

async function readContents(db: SqliteConnection, path: string): Promise<Contents> {
  const values = await db.run(tasks.readValues, ["tiles"]);
  return {
    grid: gridFromText(values["grid"] ?? "", path),
    isAdopted: values["adopted"] !== undefined,
    metadata: {
      title: values["title"] ?? basename(path),
      description: values["description"] ?? "",
      attribution: values["attribution"] ?? "",
      format: formatOfExtension(values["format"] ?? ""),
      sourceId: values["sourceId"] ?? null,
    },
  };
}

function metadataBatches(metadata: StoreMetadata): SqliteBatch[] {
  const format = metadata.format === null ? null : extensionOfFormat(metadata.format);
  const values = Object.entries({ ...metadata, format });
  return [
    {
      sql: `DELETE FROM ${METADATA_TABLE} WHERE table_name = 'tiles' AND name = ?`,
      rows: values.map(([name]) => [name]),
    },
    {
      sql: `INSERT INTO ${METADATA_TABLE} VALUES ('tiles', ?, ?)`,
      rows: values.flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
    },
  ];
}

function directorySchema(path: string, grid: TileMatrixSet, hasAttempts: boolean): TileSchema {
  return {
    tiles: "tiles",
    presence: "tiles",
    presenceIndexed: true,
    hasLedger: true,
    hasAttempts,
    flipRows: false,
    deduplicate: false,
    filesRoot: path,
    levels: levelSizes(grid),
    hooks: NO_HOOKS,
    integrityQueries: [],
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw storeErrorFrom(error, path);
  }
}

function notAFolder(path: string): TilthError {
  const message = `expected a folder, a .gpkg or a .mbtiles file at ${path}, got another kind of file`;
  return new TilthError("store.format", message, { fields: { path } });
}
