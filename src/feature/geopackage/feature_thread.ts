import { createTransform, getCrs } from "../../crs/index.ts";
import type { SqliteThread } from "../../geopackage/index.ts";
import { type Column, Float64Column } from "../../core/index.ts";
import type { Bbox } from "../../geo/index.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import {
  createFeatureTable,
  dropLayer,
  FEATURE_BASE_TABLES,
  insertFeature,
  publishTable,
  WORK_PREFIX,
  type TableSpec,
} from "./feature_tables.ts";
import { GeometryBlobWriter } from "./geometry_blob.ts";
import { packRtree } from "./packed_rtree.ts";
import { rtreeName, rtreeTriggers } from "./rtree.ts";
import { RowMaker, type Row } from "./row_maker.ts";
import { quoteName } from "../../geopackage/index.ts";

/** Work of the thread of one file; the thread has one file only. */
interface Session {
  readonly tables: readonly OpenTable[];
  readonly blobs: GeometryBlobWriter;
  readonly transform: ((coordinates: Float64Array) => void) | null;
  readonly srsId: number;
  unprojectable: number;
}

interface OpenTable {
  readonly spec: TableSpec;
  readonly insert: (row: Row) => void;
  count: number;
  /** minX, minY, maxX, maxY of each feature, by `fid`. */
  readonly boxes: Column<Float64Array<ArrayBuffer>>;
}

let session: Session | null = null;

export interface BeginOptions {
  readonly tables: readonly TableSpec[];
  readonly crsCode: string;
  readonly srsId: number;
}

/** Empty tables under working names; those that a killed writer left are dropped. */
export function beginFeatures(db: SqliteThread, { tables, crsCode, srsId }: BeginOptions): void {
  const transform = crsCode === "OGC:CRS84" ? null : createTransform(getCrs("OGC:CRS84"), getCrs(crsCode));
  db.transaction(() => {
    for (const sql of FEATURE_BASE_TABLES) db.exec(sql);
    dropUnfinished(db);
    for (const table of tables) db.exec(createFeatureTable(table));
  });
  session = {
    tables: tables.map((spec) => {
      const statement = db.prepare(insertFeature(spec));
      return { spec, insert: (row: Row) => void statement.run(...row), count: 0, boxes: new Float64Column() };
    }),
    blobs: new GeometryBlobWriter(srsId),
    transform: transform && ((coordinates) => void transform.apply(coordinates)),
    srsId,
    unprojectable: 0,
  };
}

export function dropUnfinished(db: SqliteThread): void {
  const names = db.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?", [`${WORK_PREFIX}*`]);
  for (const { name } of names) db.exec(`DROP TABLE ${quoteName(String(name))}`);
}

/** One transaction. */
export function insertFeatures(db: SqliteThread, batch: FeatureBatch): void {
  const { tables, blobs, transform } = requireSession();
  transform?.(batch.geometry.coordinates);
  const rows = new RowMaker(
    batch,
    tables.map(({ spec }) => spec),
  );
  const { partEnds } = batch.geometry;
  db.transaction(() => {
    for (let i = 0; i < batch.count; i++) {
      const table = tables[batch.layers[i] as number] as OpenTable;
      const parts: [number, number] = [i === 0 ? 0 : (partEnds[i - 1] as number), partEnds[i] as number];
      const blob = blobs.write(batch.geometry, table.spec.geometry, parts);
      if (blob === null) {
        requireSession().unprojectable += 1;
        continue;
      }
      table.count += 1;
      for (const value of blobs.envelope) table.boxes.push(value);
      table.insert(rows.make(i, table.count, blob));
    }
  });
}

export interface FinishedTable {
  readonly name: string;
  readonly count: number;
  readonly bbox: Bbox | null;
}

/** Indexes, extents and rows of the file's own tables, in one transaction: after it the layers are there, before it none is. */
export function finishFeatures(
  db: SqliteThread,
  replaced: readonly string[],
): { tables: FinishedTable[]; unprojectable: number } {
  const { tables, srsId, unprojectable } = requireSession();
  const finished: FinishedTable[] = [];
  db.transaction(() => {
    for (const name of replaced) runAll(db, dropLayer(name));
    for (const { spec, count, boxes } of tables) {
      if (count === 0) {
        db.exec(`DROP TABLE ${quoteName(spec.workName)}`);
        finished.push({ name: spec.name, count, bbox: null });
        continue;
      }
      const values = boxes.take();
      const bbox = extentOf(values);
      runAll(db, publishTable(spec, srsId, bbox));
      db.exec(`CREATE VIRTUAL TABLE ${quoteName(rtreeName(spec.name))} USING rtree(id, minx, maxx, miny, maxy)`);
      packRtree(db, rtreeName(spec.name), values);
      runAll(db, rtreeTriggers(spec.name));
      finished.push({ name: spec.name, count, bbox });
    }
  });
  session = null;
  return { tables: finished, unprojectable };
}

function runAll(db: SqliteThread, batches: ReturnType<typeof dropLayer>): void {
  // Not through the cache of statements: each is run once.
  for (const { sql, rows } of batches)
    for (const row of rows)
      if (row.length === 0) db.exec(sql);
      else db.run(sql, row);
}

function extentOf(boxes: Float64Array): Bbox {
  const extent: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < boxes.length; i += 4) {
    extent[0] = Math.min(extent[0], boxes[i] as number);
    extent[1] = Math.min(extent[1], boxes[i + 1] as number);
    extent[2] = Math.max(extent[2], boxes[i + 2] as number);
    extent[3] = Math.max(extent[3], boxes[i + 3] as number);
  }
  return extent;
}

function requireSession(): Session {
  if (session === null) throw new Error("expected beginFeatures before");
  return session;
}
