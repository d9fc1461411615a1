import { existsSync } from "node:fs";
import { basename } from "node:path";
import { TilthError } from "../../core/index.ts";
import {
  completeBaseTables,
  createBaseTables,
  openSqlite,
  quoteName,
  srsIdOf,
  srsRow,
  tileTableBatches,
  type SqliteConnection,
} from "../../geopackage/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { checkGrid, checkSource } from "../grid_match.ts";
import { gridForNew, newMetadata } from "../new_metadata.ts";
import { ledgerBatches, ledgerExtensions } from "../sqlite/ledger_tables.ts";
import { pageSizeFor } from "../sqlite/page_size.ts";
import { SqliteTileStore } from "../sqlite/sqlite_tile_store.ts";
import { tasks } from "../sqlite/tasks.ts";
import { gridToText } from "../stored_grid.ts";
import type { OpenStoreOptions, StoreMetadata, TileStore } from "../tile_store.ts";
import { geopackageSchema, metadataBatches, zoomOtherBatches } from "./geopackage_schema.ts";
import { findPyramid, type Pyramid } from "./pyramid.ts";
import { METADATA_TABLE } from "../sqlite/table_names.ts";

/**
 * Opens or creates a tile pyramid in a GeoPackage. In mode `write` a file of another program is taken over: it gets Tilth's
 * own tables beside its tiles, as registered extensions. `layer` names the tile table; a new one is added when there is none of that name.
 * @throws `store.missing`, `store.format`, `store.mismatch`, `store.locked`, `store.readOnly`, `store.corrupt`, `crs.unknown`
 */
export async function openGeopackageStore(path: string, options: OpenStoreOptions): Promise<TileStore> {
  const { mode, lockTimeoutMs, signal } = options;
  // Before the lock and the file are made for nothing.
  if (!existsSync(path)) srsRow(gridForNew(path, options).crs);
  const db = await openSqlite({
    path,
    mode,
    lock: mode === "write",
    pageSizeBytes: pageSizeFor(options),
    lockTimeoutMs,
    signal,
  });
  try {
    return mode === "read" ? await openForReading(db, options) : await openForWriting(db, options);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function openForReading(db: SqliteConnection, options: OpenStoreOptions): Promise<TileStore> {
  const pyramid = await findPyramid(db, options.layer);
  if (pyramid === null) throw noPyramid(db.path, options.layer);
  checkPyramid(db.path, pyramid, options);
  return makeStore(db, pyramid, { readOnly: true, hasLedger: pyramid.values["grid"] !== undefined });
}

async function openForWriting(db: SqliteConnection, options: OpenStoreOptions): Promise<TileStore> {
  const [{ n } = { n: 0 }] = await db.all("SELECT count(*) n FROM sqlite_master");
  let pyramid = n === 0 ? null : await findPyramid(db, options.layer);
  if (pyramid === null) {
    const grid = gridForNew(db.path, options);
    srsRow(grid.crs);
    pyramid = await createPyramid(db, grid, options);
    await db.startWriting();
  } else {
    checkPyramid(db.path, pyramid, options);
    await db.startWriting();
    if (pyramid.values["grid"] === undefined) await takeOver(db, pyramid);
  }
  const store = await makeStore(db, pyramid, { readOnly: false, hasLedger: true });
  const sourceId = options.metadata?.sourceId ?? null;
  if (pyramid.metadata.sourceId === null && sourceId !== null) await store.updateMetadata({ sourceId });
  return store;
}

async function createPyramid(db: SqliteConnection, grid: TileMatrixSet, options: OpenStoreOptions): Promise<Pyramid> {
  const table = options.layer ?? "tiles";
  const metadata: StoreMetadata = newMetadata(options.layer ?? basename(db.path, ".gpkg"), options.metadata);
  const srs = srsRow(grid.crs);
  const pyramid: Pyramid = { table, grid, metadata, values: { grid: gridToText(grid) } };
  const schema = geopackageSchema({ table, grid, hasLedger: true, indexed: true });
  await db.transaction([
    ...createBaseTables([srs]),
    ...tileTableBatches({
      table,
      identifier: table,
      description: "",
      srsId: srsIdOf(grid.crs),
      bbox: grid.bbox,
      firstLevel: { ...grid.getMatrix(0), zoomLevel: 0 },
    }),
    ...ledgerBatches(),
    ledgerExtensions(),
    ...zoomOtherBatches(table, grid),
    gridBatch(pyramid),
    ...metadataBatches(schema, metadata),
  ]);
  return pyramid;
}

/** A file of another program: gets the ledger, and the unique index that the standard asks for in case it has none. */
async function takeOver(db: SqliteConnection, pyramid: Pyramid): Promise<void> {
  const { table } = pyramid;
  const isIndexed = await db.run(tasks.hasAddressIndex, [table]);
  const index = `CREATE UNIQUE INDEX ${quoteName(`${table}_address`)} ON ${quoteName(table)} (zoom_level, tile_column, tile_row)`;
  await db.transaction([
    ...completeBaseTables(),
    ...(isIndexed ? [] : [{ sql: index, rows: [[]] }]),
    ...ledgerBatches(),
    ledgerExtensions(),
    gridBatch(pyramid),
  ]);
}

function gridBatch({ table, grid }: Pyramid): { sql: string; rows: string[][] } {
  return {
    sql: `INSERT OR REPLACE INTO ${METADATA_TABLE} VALUES (?, 'grid', ?)`,
    rows: [[table, gridToText(grid)]],
  };
}

async function makeStore(
  db: SqliteConnection,
  pyramid: Pyramid,
  options: { readOnly: boolean; hasLedger: boolean },
): Promise<SqliteTileStore> {
  const { table, grid, metadata } = pyramid;
  const indexed = await db.run(tasks.hasAddressIndex, [table]);
  const hasAttempts = await db.run(tasks.prepareLedger, [!options.readOnly]);
  const schema = geopackageSchema({ table, grid, indexed, hasAttempts, hasLedger: options.hasLedger });
  return new SqliteTileStore({
    kind: "geopackage",
    location: db.path,
    grid,
    metadata,
    readOnly: options.readOnly,
    connection: db,
    schema,
    writeMetadata: (changed) => metadataBatches(schema, changed),
  });
}

function checkPyramid(path: string, pyramid: Pyramid, options: OpenStoreOptions): void {
  checkGrid(path, pyramid.grid, options.grid);
  checkSource(path, pyramid.metadata.sourceId, options.metadata?.sourceId);
}

function noPyramid(path: string, layer: string | undefined): TilthError {
  const wanted = layer === undefined ? "a table of tiles" : `a table of tiles '${layer}'`;
  const code = layer === undefined ? "store.format" : "store.mismatch";
  return new TilthError(code, `expected ${wanted} in ${path}, got none; list the layers with tilth info`, {
    fields: { path, layer },
  });
}
