import { Handover, quoteName, type SqliteRow, type SqliteThread } from "../../../geopackage/index.ts";
import type { TileRange } from "../../../grid/index.ts";
import type { StoredTile } from "../../tile_store.ts";
import { type TileSchema, fileRange, fileRow, ledgerColumns, ledgerJoin, ledgerKey } from "../tile_schema.ts";
import { buffersOf, loadBytes, toRecord } from "./read_tiles.ts";
import { LEDGER_TABLE } from "../table_names.ts";

/** After which address (in the file's numbers) a page begins. */
export interface PageStart {
  /** Tiles first, then the known-empty marks of the same level. */
  part: "tiles" | "empties";
  column: number;
  row: number;
}

export interface ListPage {
  tiles: StoredTile[];
  /** null after the last page of the level. */
  next: PageStart | null;
}

const MAX_PAGE_TILES = 500;
/** A page with bytes ends here, so that large tiles do not add up. */
const MAX_PAGE_BYTES = 4_194_304;

export const LIST_START: PageStart = { part: "tiles", column: -1, row: -1 };

/** One page of a level (`range` is the whole level when all is asked for). */
export function listPage(
  db: SqliteThread,
  schema: TileSchema,
  range: TileRange,
  start: PageStart,
  withData: boolean,
): Handover<ListPage> {
  const page: ListPage = { tiles: [], next: null };
  const transfer: ArrayBuffer[] = [];
  let bytes = 0;
  let last: PageStart | null = null;
  const sql = start.part === "tiles" ? tilesSql(schema, withData) : emptiesSql(schema);
  const params = { ...fileRange(schema, range), column: start.column, row: start.row, limit: MAX_PAGE_TILES };
  let rows = 0;
  for (const row of db.iterate(sql, params)) {
    rows += 1;
    last = { part: start.part, column: Number(row["tile_column"]), row: Number(row["tile_row"]) };
    const tile = toStored(db, schema, range.z, row, start.part === "tiles" && withData);
    if (tile === null) continue;
    page.tiles.push(tile);
    transfer.push(...buffersOf(tile.data));
    bytes += tile.data?.byteLength ?? 0;
    if (bytes >= MAX_PAGE_BYTES) break;
  }
  page.next = rows === MAX_PAGE_TILES || bytes >= MAX_PAGE_BYTES ? last : nextPart(schema, start);
  return new Handover(page, transfer);
}

function nextPart(schema: TileSchema, { part }: PageStart): PageStart | null {
  return part === "tiles" && schema.hasLedger ? { ...LIST_START, part: "empties" } : null;
}

function toStored(
  db: SqliteThread,
  schema: TileSchema,
  z: number,
  row: SqliteRow,
  withData: boolean,
): StoredTile | null {
  const tile = { z, x: Number(row["tile_column"]), y: fileRow(schema, z, Number(row["tile_row"])) };
  const size = typeof row["size"] === "number" ? row["size"] : null;
  const data = withData ? loadBytes(db, schema, row["data"]) : null;
  const ledger = row["status"] === null || row["status"] === undefined ? undefined : row;
  const record = toRecord(tile, withData && data === null ? null : size, ledger);
  return record === null ? null : { ...record, data };
}

const AFTER = `t.zoom_level = :z AND t.tile_column BETWEEN :minX AND :maxX AND t.tile_row BETWEEN :minY AND :maxY
  AND (t.tile_column, t.tile_row) > (:column, :row) ORDER BY t.tile_column, t.tile_row LIMIT :limit`;

function tilesSql(schema: TileSchema, withData: boolean): string {
  const data = withData || schema.filesRoot !== null ? "t.tile_data" : "NULL";
  const ledger = schema.hasLedger ? `, ${ledgerColumns(schema, "l")}` : "";
  const join = schema.hasLedger ? `LEFT JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)}` : "";
  return `SELECT t.tile_column, t.tile_row, length(t.tile_data) size, ${data} data ${ledger}
    FROM ${quoteName(schema.tiles)} t ${join} WHERE ${AFTER}`;
}

function emptiesSql(schema: TileSchema): string {
  return `SELECT t.tile_column, t.tile_row, NULL size, ${ledgerColumns(schema, "t")}
    FROM ${LEDGER_TABLE} t WHERE t.table_name = ${ledgerKey(schema)} AND t.status = 'empty'
    AND NOT EXISTS (SELECT 1 FROM ${quoteName(schema.presence)} p WHERE p.zoom_level = t.zoom_level
      AND p.tile_column = t.tile_column AND p.tile_row = t.tile_row) AND ${AFTER}`;
}
