import { rm } from "node:fs/promises";
import { throwIfAborted, TilthError, whenAborted } from "../../core/index.ts";
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
  type SrsRow,
} from "../../geopackage/index.ts";
import { isEncoded, type BatchEncoding, type EncodedBatch } from "../batch_encoding.ts";
import { batchBuffers, type FeatureBatch } from "../feature_batch.ts";
import type { FeatureFileOptions, FeatureFileSummary } from "../feature_writer.ts";
import type { FeatureSink } from "../ordered_writer.ts";
import { placeFiles, syncFile } from "../part_file.ts";
import { tableSpec, type TableSpec } from "../table_spec.ts";
import type { EncodedRecords, RecordOptions } from "./encoded_records.ts";
import type * as thread from "./feature_thread.ts";
import { LIST_OWN_LAYERS } from "./file_metadata.ts";
import { FEATURE_THREAD as MODULE, workFile } from "./work_file.ts";

const tasks = {
  begin: sqliteTask<typeof thread.beginFeatures>(MODULE, "beginFeatures"),
  append: sqliteTask<typeof thread.appendRecords>(MODULE, "appendRecords"),
  endLayers: sqliteTask<typeof thread.endLayers>(MODULE, "endLayers"),
  insert: sqliteTask<typeof thread.insertFeatures>(MODULE, "insertFeatures"),
  finish: sqliteTask<typeof thread.finishFeatures>(MODULE, "finishFeatures"),
  abandonPages: sqliteTask<typeof thread.abandonPages>(MODULE, "abandonPages"),
  dropUnfinished: sqliteTask<typeof thread.dropUnfinished>(MODULE, "dropUnfinished"),
};

/**
 * Features into a GeoPackage 1.4: a new file, or new tables beside what is in one. Tables of the same names are replaced when Tilth wrote them.
 * The caller has locked the path.
 * @param limits what tests set lower
 * @throws `feature.exists` for a table that another program wrote; `store.readOnly`, `store.format`, `store.io`, `crs.unknown`
 */
export async function openGeopackageSink(
  path: string,
  options: FeatureFileOptions,
  limits: Pick<thread.BeginOptions, "maxBoxes"> = {},
): Promise<FeatureSink> {
  const tables = options.layers.map(tableSpec);
  const crs = options.crs ?? getCrs("OGC:CRS84");
  // Before a file is made for nothing.
  const srs = srsRow(crs);
  const { isNew, ...file } = workFile(path);
  const workPath = file.path;
  if (isNew) await removeFile(workPath);
  // Not to be cancelled: it takes milliseconds, and a file whose opening is not waited for may come to be when it has been removed.
  const db = await openSqlite(file, options.standby?.take(workPath) ?? undefined);
  try {
    throwIfAborted(options.signal);
    const replaced = isNew ? await beginNew(db, [srs]) : await beginBeside(db, [srs], tables);
    const records = { tables, crs: crs.definition, batchCrs: options.batchCrs?.definition, srsId: srsIdOf(crs) };
    await db.run(tasks.begin, [{ ...records, isNew, ...limits }]);
    return new GeopackageSink(db, path, isNew ? encodingOf(records) : null, replaced, options);
  } catch (error) {
    await db.close();
    if (isNew) await removeFile(workPath);
    throw error;
  }
}

function encodingOf(options: RecordOptions): BatchEncoding {
  return { module: workerModuleUrl("./encode_records", import.meta.url).href, name: "encodeRecords", options };
}

async function beginNew(db: SqliteConnection, srs: readonly SrsRow[]): Promise<string[]> {
  await db.transaction(createBaseTables(srs));
  await db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  return [];
}

/** @returns the names of the tables that take the place of older ones */
async function beginBeside(
  db: SqliteConnection,
  srs: readonly SrsRow[],
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
  const ownNames = new Map(own.map(({ name }) => [String(name).toLowerCase(), String(name)]));
  const there = tables.filter(({ name }) => names.has(name.toLowerCase()));
  const foreign = there.find(({ name }) => !ownNames.has(name.toLowerCase()));
  if (foreign !== undefined) {
    const message = `expected no table '${foreign.name}' in ${db.path}, got one that Tilth did not write; name another file`;
    throw new TilthError("feature.exists", message, { fields: { path: db.path, table: foreign.name } });
  }
  await db.startWriting();
  await db.transaction(completeBaseTables(srs));
  // As the file spells them.
  return there.map(({ name }) => ownNames.get(name.toLowerCase()) ?? name);
}

class GeopackageSink implements FeatureSink {
  readonly #db: SqliteConnection;
  readonly #path: string;
  /** Null in a file that was there. */
  readonly encoding: BatchEncoding | null;
  readonly #replaced: readonly string[];
  readonly #options: FeatureFileOptions;
  #isComplete = false;

  constructor(
    db: SqliteConnection,
    path: string,
    encoding: BatchEncoding | null,
    replaced: readonly string[],
    options: FeatureFileOptions,
  ) {
    this.#db = db;
    this.#path = path;
    this.encoding = encoding;
    this.#replaced = replaced;
    this.#options = options;
  }

  get #isNew(): boolean {
    return this.encoding !== null;
  }

  async append(batch: FeatureBatch | EncodedBatch, signal?: AbortSignal): Promise<void> {
    if (isEncoded(batch))
      await this.#db.run(tasks.append, [batch.encoded as EncodedRecords], { signal, transfer: [...batch.buffers] });
    else await this.#db.run(tasks.insert, [batch], { signal, transfer: batchBuffers(batch) });
  }

  async endLayers(layers: readonly number[], signal?: AbortSignal): Promise<void> {
    if (!this.#isNew) return;
    // What is there already goes to the disk while the rest is made: 45 ms less to wait for at the end (42 MB).
    const synced = syncFile(this.#db.path);
    const ended = stoppable(signal, (stop) => this.#db.run(tasks.endLayers, [layers, stop]));
    await Promise.all([ended, synced]);
  }

  async complete(signal?: AbortSignal): Promise<FeatureFileSummary> {
    const { attribution, provenance } = this.#options;
    const file = { attribution, provenance };
    const summary = await stoppable(signal, (stop) =>
      this.#db.run(tasks.finish, [{ replaced: this.#replaced, file, stop }]),
    );
    await this.#db.close();
    if (this.#isNew) await placeFiles([{ from: this.#db.path, to: this.#path }], [], signal);
    this.#isComplete = true;
    return summary;
  }

  async close(): Promise<void> {
    if (this.#isComplete) return;
    try {
      // On a full disk this may fail; then the next writer does it.
      const giveUp = this.#isNew ? tasks.abandonPages : tasks.dropUnfinished;
      await this.#db.run(giveUp, []).catch(() => undefined);
    } finally {
      await this.#db.close();
      if (this.#isNew) await removeFile(this.#db.path);
    }
  }
}

/** The thread is told of an abort, and waited for: what it has done must be known. @param run gets a number that is 0 until then */
async function stoppable<Result>(
  signal: AbortSignal | undefined,
  run: (stop: Int32Array) => Promise<Result>,
): Promise<Result> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const listening = whenAborted(signal, () => Atomics.store(stop, 0, 1));
  try {
    return await run(stop);
  } finally {
    listening();
  }
}

async function removeFile(path: string): Promise<void> {
  await Promise.all(["", "-journal", "-wal", "-shm"].map((suffix) => rm(`${path}${suffix}`, { force: true })));
}
