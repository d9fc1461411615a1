import { CancelledError, Float32Column, releaseMemory } from "../../core/index.ts";
import { quoteName, type SqliteBatch, type SqliteThread } from "../../geopackage/index.ts";
import { BoxMemory } from "../box_memory.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import type { FeatureFileOptions, FeatureFileSummary } from "../feature_writer.ts";
import { partsOf } from "../geometry_range.ts";
import { LayerTally } from "../layer_tally.ts";
import { openProjection, type Project } from "../projection.ts";
import { RowMaker, type Row } from "../row_maker.ts";
import type { TableSpec } from "../table_spec.ts";
import { makeRecords } from "./encode_records.ts";
import { pieceColumns, type EncodedRecords, type RecordOptions } from "./encoded_records.ts";
import { FeaturePages, packRtreePages, type NewIndex } from "./feature_pages.ts";
import {
  createFeatureTable,
  dropLayer,
  FEATURE_BASE_TABLES,
  GDAL_COUNTS_TABLE,
  insertFeature,
  publishTable,
  WORK_PREFIX,
  workName,
} from "./feature_tables.ts";
import { featureExtensions, metadataBatches } from "./file_metadata.ts";
import { putBox } from "./float_bounds.ts";
import { GeometryBlobWriter } from "./geometry_blob.ts";
import type { BoxSource } from "./box_bands.ts";
import { packRtree } from "./packed_rtree.ts";
import { createRtree, fillRtree, rtreeName, rtreeTriggers } from "./rtree.ts";
import { sqlRtreeTables } from "./rtree_tables.ts";

/** Work of the thread of one file; the thread has one file only. */
interface Session {
  readonly options: BeginOptions;
  readonly tables: readonly TableSpec[];
  /** Of a new file; null: rows are inserted. */
  readonly pages: FeaturePages | null;
  readonly inserts: readonly ((row: Row) => void)[];
  readonly blobs: GeometryBlobWriter;
  readonly project: Project;
  readonly srsId: number;
  readonly tally: LayerTally;
  readonly boxes: BoxMemory<Float32Array<ArrayBuffer>>;
}

let session: Session | null = null;

/** Of a layer: packing its index takes 4 bytes for each, 80 MB at that many. */
const MAX_BOXES = 20_000_000;

export interface BeginOptions extends RecordOptions {
  /** Nobody else sees the file, and it has no journal: rows may be written as pages. @default false */
  readonly isNew?: boolean;
  /** Boxes of a layer that are kept for its index. @default 20,000,000 */
  readonly maxBoxes?: number;
}

/** Empty tables under working names; those that a killed writer left are dropped. */
export async function beginFeatures(db: SqliteThread, options: BeginOptions): Promise<void> {
  const { tables, crs, batchCrs, srsId, isNew = false, maxBoxes = MAX_BOXES } = options;
  const project = await openProjection(crs, batchCrs);
  db.transaction(() => {
    for (const sql of FEATURE_BASE_TABLES) db.exec(sql);
    dropUnfinished(db);
    for (const table of tables) db.exec(createFeatureTable(table));
  });
  session = {
    options,
    tables,
    pages: isNew ? new FeaturePages(db, tables) : null,
    inserts: tables.map((table) => {
      const statement = db.prepare(insertFeature(table));
      return (row: Row) => void statement.run(...row);
    }),
    blobs: new GeometryBlobWriter(srsId),
    project,
    srsId,
    tally: new LayerTally(tables.length),
    boxes: new BoxMemory(tables.length, Float32Column, { maxBoxes }),
  };
}

/** Takes the tables under working names away, and what is kept for their indexes. */
export function dropUnfinished(db: SqliteThread): void {
  session?.boxes[Symbol.dispose]();
  const names = db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?", [`${WORK_PREFIX}*`]);
  for (const { name } of names) db.exec(`DROP TABLE ${quoteName(String(name))}`);
}

/** What `encodeRecords` made of a batch, behind the rows that are there; of a new file. */
export function appendRecords(_db: SqliteThread, records: EncodedRecords): void {
  const { pages, tally, boxes } = requireSession();
  if (pages === null) throw new Error("expected a new file");
  tally.merge(records.tally);
  for (const piece of records.pieces) {
    pages.add(piece);
    for (let i = 0; i < piece.layers.length; i++) boxes.push(piece.layers[i] as number, piece.boxes, 4 * i, 4 * i + 4);
    releaseMemory(pieceColumns(piece));
  }
}

/** Layers that get nothing more: their indexes are made, in a new file. @param stop no longer 0 when the work is to be given up */
export function endLayers(_db: SqliteThread, layers: readonly number[], stop: Int32Array): void {
  const { pages, boxes } = requireSession();
  pages?.end(layers, (layer) => boxesOf(boxes, layer), checkOf(stop));
}

/** The file is going to be taken away: gives back what is open of it. */
export function abandonPages(_db: SqliteThread): void {
  session?.pages?.close();
  session?.boxes[Symbol.dispose]();
}

/** One transaction. */
export function insertFeatures(db: SqliteThread, batch: FeatureBatch): void {
  const { options, pages, tables, inserts, blobs, project, tally, boxes } = requireSession();
  if (pages !== null) return appendRecords(db, makeRecords(batch, options, project));
  project(batch);
  const rows = new RowMaker(batch, tables);
  const box = new Float32Array(4);
  db.transaction(() => {
    for (let i = 0; i < batch.count; i++) {
      const layer = batch.layers[i] as number;
      const { geometry } = tables[layer] as TableSpec;
      const blob = blobs.write(batch.geometry, geometry, partsOf(batch.geometry, i));
      if (blob === null) {
        tally.unprojectable += 1;
        continue;
      }
      putBox(box, 0, blobs.envelope);
      boxes.push(layer, box);
      inserts[layer]?.(rows.make(i, tally.add(layer, blobs.envelope), blob));
    }
  });
}

export interface FinishOptions {
  /** Tables of Tilth's that make room. */
  readonly replaced: readonly string[];
  readonly file: Pick<FeatureFileOptions, "attribution" | "provenance">;
  /** One number; no longer 0 when the work is to be given up. */
  readonly stop: Int32Array;
}

/** Indexes, extents and rows of the file's own tables, in one transaction: after it the layers are there, before it none is. */
export function finishFeatures(db: SqliteThread, { replaced, file, stop }: FinishOptions): FeatureFileSummary {
  const { tables, tally, pages, boxes } = requireSession();
  pages?.finish();
  const kept = tables.filter((_table, i) => tally.count(i) > 0);
  const check = checkOf(stop);
  // Without it a rename reads all triggers and views of the file, and fails at one of another program's that it cannot resolve.
  db.exec("PRAGMA legacy_alter_table = ON");
  const left: NewIndex[] = [];
  db.transaction(() => {
    for (const name of replaced) drop(db, name);
    for (const [i, table] of tables.entries()) {
      if (tally.count(i) > 0) left.push(...publish(db, i, check));
      else db.exec(`DROP TABLE ${quoteName(workName(table))}`);
      check();
    }
    runAll(db, [...featureExtensions(kept), ...metadataBatches(kept, file)]);
  });
  if (left.length > 0) packRtreePages(db, left, (layer) => boxesOf(boxes, layer), check);
  boxes[Symbol.dispose]();
  const summary = { layers: tally.summarize(tables), unprojectable: tally.unprojectable };
  session = null;
  return summary;
}

function drop(db: SqliteThread, name: string): void {
  runAll(db, dropLayer(name));
  if (db.get("SELECT 1 FROM sqlite_master WHERE name = ?", [GDAL_COUNTS_TABLE]) === undefined) return;
  db.run(`DELETE FROM ${GDAL_COUNTS_TABLE} WHERE table_name = ?`, [name]);
}

function checkOf(stop: Int32Array): () => void {
  return () => {
    if (Atomics.load(stop, 0) !== 0) throw new CancelledError();
  };
}

/** @returns indexes that are to be filled when the transaction is over */
function publish(db: SqliteThread, index: number, check: () => void): NewIndex[] {
  const { tables, tally, boxes, srsId, pages } = requireSession();
  const table = tables[index] as TableSpec;
  const name = rtreeName(table.name);
  runAll(db, publishTable(table, srsId, [...tally.extents.subarray(4 * index, 4 * index + 4)]));
  db.exec(createRtree(name));
  const made = pages?.index(index) ?? null;
  const kept = boxesOf(boxes, index);
  if (made === null && kept === null) fillRtree(db, table.name, check);
  else if (pages === null && kept !== null) packRtreeRows(db, name, kept, check);
  runAll(db, rtreeTriggers(table.name));
  return pages === null || (made === null && kept === null) ? [] : [{ name, layer: index, made }];
}

/** Null when they were forgotten. */
function boxesOf(boxes: Session["boxes"], layer: number): BoxSource | null {
  return boxes.has(layer) ? { count: boxes.count(layer), pieces: () => boxes.read(layer) } : null;
}

function packRtreeRows(db: SqliteThread, name: string, boxes: BoxSource, check: () => void): void {
  const pageBytes = Number(db.get("PRAGMA page_size")?.["page_size"]);
  db.withShadowTables(() => packRtree(sqlRtreeTables(db, name), boxes, { pageBytes, check }));
}

function runAll(db: SqliteThread, batches: readonly SqliteBatch[]): void {
  // Not through the cache of statements: each is run once.
  for (const { sql, rows } of batches)
    for (const row of rows)
      if (row.length === 0) db.exec(sql);
      else db.run(sql, row);
}

function requireSession(): Session {
  if (session === null) throw new Error("expected beginFeatures before");
  return session;
}
