import { hash } from "node:crypto";
import { Handover, quoteName, type SqliteThread } from "../../../geopackage/index.ts";
import { type TileSchema, fileRow, fileSourceSql, ledgerKey } from "../tile_schema.ts";
import { unpackBatch, type PackedBatch, type UnpackedWrite } from "../write_batch.ts";
import { currentExtent, growExtent, keepExtent, type LevelBox } from "./extent.ts";
import { TileFiles } from "./tile_files.ts";
import { LEDGER_TABLE } from "../table_names.ts";

/** Where the bytes of a tile go; each container has its own way. */
interface BytesWriter {
  write(write: UnpackedWrite, row: number, sha256: string): void;
  remove(write: UnpackedWrite, row: number): void;
}

/** Writes a batch in one transaction. The buffer comes back, to be filled again. */
export function putTiles(db: SqliteThread, schema: TileSchema, batch: PackedBatch): Handover<ArrayBuffer> {
  const files = schema.filesRoot === null ? null : new TileFiles(db, schema.filesRoot);
  const boxes = new Map<number, LevelBox>();
  const extent = db.transaction(() => {
    const writer = files === null ? sqlWriter(db, schema) : fileWriter(db, schema, files);
    const before = currentExtent(db, schema);
    const hasWebp = writeAll(db, schema, batch, writer, boxes);
    if (hasWebp) for (const sql of schema.hooks.webpAdded) db.run(sql);
    return growExtent(db, schema, before, boxes);
  });
  keepExtent(db, extent);
  files?.finish();
  return new Handover(batch.bytes, [batch.bytes]);
}

function writeAll(
  db: SqliteThread,
  schema: TileSchema,
  batch: PackedBatch,
  writer: BytesWriter,
  boxes: Map<number, LevelBox>,
): boolean {
  const ledger = ledgerWriter(db, schema);
  let hasWebp = false;
  for (const write of unpackBatch(batch)) {
    const row = fileRow(schema, write.z, write.y);
    if (write.kind === "renew") {
      ledger.renew(write, row);
      continue;
    }
    if (write.kind === "empty") {
      writer.remove(write, row);
      ledger.put(write, row, null);
      continue;
    }
    const sha256 = hash("sha256", write.data, "hex");
    writer.write(write, row, sha256);
    ledger.put(write, row, sha256);
    growBox(boxes, write);
    hasWebp ||= isWebp(write.data);
  }
  return hasWebp;
}

function sqlWriter(db: SqliteThread, schema: TileSchema): BytesWriter {
  if (schema.deduplicate) return dedupWriter(db);
  const table = quoteName(schema.tiles);
  const insert = db.prepare(
    schema.presenceIndexed
      ? `INSERT INTO ${table} (zoom_level, tile_column, tile_row, tile_data) VALUES (?, ?, ?, ?)
         ON CONFLICT (zoom_level, tile_column, tile_row) DO UPDATE SET tile_data = excluded.tile_data`
      : `INSERT INTO ${table} (zoom_level, tile_column, tile_row, tile_data) VALUES (?, ?, ?, ?)`,
  );
  const remove = db.prepare(`DELETE FROM ${table} WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?`);
  return {
    write: ({ z, x, data }, row) => insert.run(z, x, row, data),
    remove: ({ z, x }, row) => remove.run(z, x, row),
  };
}

/** Equal bytes once in `images`; an image that no address needs any more goes at once. */
function dedupWriter(db: SqliteThread): BytesWriter {
  const find = db.prepare("SELECT tile_id FROM map WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?");
  const image = db.prepare("INSERT OR IGNORE INTO images (tile_id, tile_data) VALUES (?, ?)");
  const map = db.prepare("INSERT OR REPLACE INTO map (zoom_level, tile_column, tile_row, tile_id) VALUES (?, ?, ?, ?)");
  const unmap = db.prepare("DELETE FROM map WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?");
  const drop = db.prepare(
    "DELETE FROM images WHERE tile_id = ?1 AND NOT EXISTS (SELECT 1 FROM map WHERE tile_id = ?1)",
  );
  const dropOld = (old: unknown): void => {
    if (typeof old === "string") drop.run(old);
  };
  return {
    write({ z, x, data }, row, sha256) {
      const old = find.get(z, x, row)?.["tile_id"];
      image.run(sha256, data);
      map.run(z, x, row, sha256);
      if (old !== sha256) dropOld(old);
    },
    remove({ z, x }, row) {
      const old = find.get(z, x, row)?.["tile_id"];
      unmap.run(z, x, row);
      dropOld(old);
    },
  };
}

function fileWriter(db: SqliteThread, schema: TileSchema, files: TileFiles): BytesWriter {
  const table = sqlWriter(db, schema);
  const find = db.prepare(
    `SELECT tile_data FROM ${quoteName(schema.tiles)} WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?`,
  );
  const pathOf = ({ z, x }: UnpackedWrite, row: number): string | null => {
    const path = find.get(z, x, row)?.["tile_data"];
    return typeof path === "string" ? path : null;
  };
  return {
    write(write, row) {
      const old = pathOf(write, row);
      const path = files.stage(write);
      if (old !== null && old !== path) files.stageRemoval(old);
      db.run(
        `INSERT OR REPLACE INTO ${quoteName(schema.tiles)} (zoom_level, tile_column, tile_row, tile_data) VALUES (?, ?, ?, ?)`,
        [write.z, write.x, row, path],
      );
    },
    remove(write, row) {
      const old = pathOf(write, row);
      if (old !== null) files.stageRemoval(old);
      table.remove(write, row);
    },
  };
}

interface LedgerWriter {
  /** `sha256` null: known to be empty. */
  put(write: UnpackedWrite, row: number, sha256: string | null): void;
  renew(write: UnpackedWrite, row: number): void;
}

/** By name: in a file of an earlier version the last one was added later. */
const LEDGER_COLUMNS =
  "table_name, zoom_level, tile_column, tile_row, status, fetched_at, size_bytes, etag, last_modified, sha256, source_id, attempts";

function ledgerWriter(db: SqliteThread, schema: TileSchema): LedgerWriter {
  const key = ledgerKey(schema);
  const put = db.prepare(
    `INSERT OR REPLACE INTO ${LEDGER_TABLE} (${LEDGER_COLUMNS})
     VALUES (${key}, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, CASE WHEN ?10 = ${fileSourceSql(schema)} THEN '' ELSE ?10 END, ?11)`,
  );
  const renew = db.prepare(
    `UPDATE ${LEDGER_TABLE} SET fetched_at = ?4, etag = coalesce(?5, etag), last_modified = coalesce(?6, last_modified), attempts = coalesce(?7, attempts)
     WHERE table_name = ${key} AND zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3 AND status = 'present'`,
  );
  // A tile that another program wrote has no row yet; a file's size is not the length of its path, but such tiles are always in the ledger.
  const adopt = db.prepare(
    `INSERT OR IGNORE INTO ${LEDGER_TABLE} (${LEDGER_COLUMNS})
     SELECT ${key}, zoom_level, tile_column, tile_row, 'present', ?4, length(tile_data), ?5, ?6, NULL, NULL, ?7 FROM ${quoteName(schema.tiles)}
     WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3 AND tile_data IS NOT NULL`,
  );
  return {
    put({ z, x, data, fetchedAtMs, etag, lastModified, sourceId, attempts }, row, sha256) {
      const status = sha256 === null ? "empty" : "present";
      put.run(z, x, row, status, isoTime(fetchedAtMs), data.byteLength, etag, lastModified, sha256, sourceId, attempts);
    },
    renew({ z, x, fetchedAtMs, etag, lastModified, attempts }, row) {
      const values = [z, x, row, isoTime(fetchedAtMs), etag, lastModified, attempts];
      if (renew.run(...values).changes === 0) adopt.run(...values);
    },
  };
}

let lastMs = Number.NaN;
let lastIso = "";

/** Tiles of one batch mostly share their millisecond. */
function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastIso;
}

function growBox(boxes: Map<number, LevelBox>, { z, x, y }: UnpackedWrite): void {
  const box = boxes.get(z);
  if (box === undefined) {
    boxes.set(z, { z, minX: x, minY: y, maxX: x, maxY: y });
    return;
  }
  if (x < box.minX) box.minX = x;
  if (x > box.maxX) box.maxX = x;
  if (y < box.minY) box.minY = y;
  if (y > box.maxY) box.maxY = y;
}

/** `RIFF....WEBP`: the one tile format that a GeoPackage must declare. */
function isWebp(data: Uint8Array): boolean {
  return (
    data[0] === 0x52 &&
    data[1] === 0x49 &&
    data[8] === 0x57 &&
    data[9] === 0x45 &&
    data[10] === 0x42 &&
    data[11] === 0x50
  );
}
