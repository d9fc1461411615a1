import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { TilthError } from "../../core/index.ts";
import { workerModuleUrl } from "../../concurrency/index.ts";
import { getCrs } from "../../crs/index.ts";
import {
  completeBaseTables,
  createBaseTables,
  GEOPACKAGE_APPLICATION_IDS,
  openSqlite,
  sqliteTask,
  srsIdOf,
  srsRow,
  type SqliteConnection,
} from "../../geopackage/index.ts";
import { batchBuffers, type FeatureBatch } from "../feature_batch.ts";
import type { FeatureFileOptions, FeatureFileSummary, FeatureWriter } from "../feature_writer.ts";
import { tableSpec, type TableSpec } from "./feature_tables.ts";
import type * as thread from "./feature_thread.ts";
import { featureExtensions, LIST_OWN_LAYERS, metadataBatches } from "./file_metadata.ts";

const MODULE = workerModuleUrl("./feature_thread", import.meta.url);
const tasks = {
  begin: sqliteTask<typeof thread.beginFeatures>(MODULE, "beginFeatures"),
  insert: sqliteTask<typeof thread.insertFeatures>(MODULE, "insertFeatures"),
  finish: sqliteTask<typeof thread.finishFeatures>(MODULE, "finishFeatures"),
};

/** 4 KiB: features are small, and a table of them is read from end to end. */
const PAGE_SIZE_BYTES = 4096;

/**
 * Features into a GeoPackage 1.4: a new file, or new tables beside what is in one. Tables of the same names are replaced when Tilth wrote them.
 * @throws `feature.exists` for a table that another program wrote; `store.locked`, `store.readOnly`, `store.format`, `store.io`, `crs.unknown`
 */
export async function openGeopackageWriter(path: string, options: FeatureFileOptions): Promise<FeatureWriter> {
  const tables = options.layers.map(tableSpec);
  const crs = options.crs ?? getCrs("OGC:CRS84");
  // Before a file is made for nothing.
  const srs = srsRow(crs);
  const isNew = !existsSync(path);
  const workPath = isNew ? `${path}.partial` : path;
  if (isNew) await removeFile(workPath);
  const db = await openSqlite({
    path: workPath,
    mode: "write",
    lock: true,
    pageSizeBytes: PAGE_SIZE_BYTES,
    signal: options.signal,
  });
  try {
    const replaced = isNew ? await beginNew(db, [srs]) : await beginBeside(db, [srs], tables);
    await db.run(tasks.begin, [{ tables, crsCode: crs.code, srsId: srsIdOf(crs) }]);
    return new GeopackageWriter(db, path, isNew, tables, replaced, options);
  } catch (error) {
    await db.close();
    if (isNew) await removeFile(workPath);
    throw error;
  }
}

/** Nobody sees the file before it has its name, so it needs no journal. */
async function beginNew(db: SqliteConnection, srs: Parameters<typeof createBaseTables>[0]): Promise<string[]> {
  await db.transaction(createBaseTables(srs));
  await db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  return [];
}

/** @returns the names of the tables that take the place of older ones */
async function beginBeside(
  db: SqliteConnection,
  srs: Parameters<typeof createBaseTables>[0],
  tables: readonly TableSpec[],
): Promise<string[]> {
  const [{ id } = { id: 0 }] = await db.all("SELECT application_id id FROM pragma_application_id");
  if (!GEOPACKAGE_APPLICATION_IDS.includes(Number(id)))
    throw new TilthError(
      "store.format",
      `expected ${db.path} to be a GeoPackage, got another SQLite file; name a new one`,
    );
  const rows = await db.all("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')");
  const names = new Set(rows.map(({ name }) => String(name).toLowerCase()));
  const own = names.has("gpkg_metadata_reference") ? await db.all(LIST_OWN_LAYERS) : [];
  const ownNames = new Set(own.map(({ name }) => String(name).toLowerCase()));
  const there = tables.filter(({ name }) => names.has(name.toLowerCase()));
  const foreign = there.find(({ name }) => !ownNames.has(name.toLowerCase()));
  if (foreign !== undefined) {
    const message = `expected no table '${foreign.name}' in ${db.path}, got one that Tilth did not write; name another file`;
    throw new TilthError("feature.exists", message, { fields: { path: db.path, table: foreign.name } });
  }
  await db.startWriting();
  await db.transaction(completeBaseTables(srs));
  return there.map(({ name }) => name);
}

class GeopackageWriter implements FeatureWriter {
  readonly path: string;
  readonly #db: SqliteConnection;
  readonly #isNew: boolean;
  readonly #tables: readonly TableSpec[];
  readonly #replaced: readonly string[];
  readonly #options: FeatureFileOptions;
  #finished = false;

  constructor(
    db: SqliteConnection,
    path: string,
    isNew: boolean,
    tables: readonly TableSpec[],
    replaced: readonly string[],
    options: FeatureFileOptions,
  ) {
    this.path = path;
    this.#db = db;
    this.#isNew = isNew;
    this.#tables = tables;
    this.#replaced = replaced;
    this.#options = options;
  }

  async write(batch: FeatureBatch, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#db.run(tasks.insert, [batch], { signal, transfer: batchBuffers(batch) });
  }

  async finish({ signal }: { signal?: AbortSignal } = {}): Promise<FeatureFileSummary> {
    const { tables, unprojectable } = await this.#db.run(tasks.finish, [this.#replaced], { signal });
    const kept = this.#tables.filter(({ name }) => tables.some((each) => each.name === name && each.count > 0));
    await this.#db.transaction([...featureExtensions(kept), ...metadataBatches(kept, this.#options)]);
    await this.#db.close();
    if (this.#isNew) await rename(this.#db.path, this.path);
    this.#finished = true;
    return { layers: tables, unprojectable };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finished) return;
    await this.#db.close();
    if (this.#isNew) await removeFile(this.#db.path);
  }
}

async function removeFile(path: string): Promise<void> {
  await Promise.all(["", "-journal", "-wal", "-shm"].map((suffix) => rm(`${path}${suffix}`, { force: true })));
}
