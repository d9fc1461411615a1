import { quoteName, type SqliteThread } from "../../geopackage/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import type { StoredTile } from "../tile_store.ts";
import { findTile } from "./thread/read_tiles.ts";
import { attemptsColumn, fileRow, ledgerJoin, type TileSchema } from "./tile_schema.ts";
import { LEDGER_TABLE } from "./table_names.ts";

/** tile_data, fetched_at, etag, last_modified, sha256, source_id, attempts. */
type Row = [
  data: unknown,
  fetchedAt?: unknown,
  etag?: unknown,
  lastModified?: unknown,
  sha256?: unknown,
  source?: unknown,
  attempts?: unknown,
];

/**
 * `findTile` for a tile that is there, in one statement and without objects for its row: it is all that a server does for most requests.
 * @param ownSource what an empty source_id stands for
 */
export function findHere(
  db: SqliteThread,
  schema: TileSchema,
  tile: TileCoord,
  ownSource: string | null,
): StoredTile | null {
  const statement = db.prepare(sqlFor(schema));
  statement.setReturnArrays(true);
  const row = statement.get(tile.z, tile.x, fileRow(schema, tile.z, tile.y)) as unknown as Row | undefined;
  const data = row?.[0];
  // Known to be empty, not known, or written by a program that stores text.
  if (row === undefined || !(data instanceof Uint8Array)) return findTile(db, schema, tile, true).value;
  const [, fetchedAt, etag, lastModified, sha256, source, attempts] = row;
  return {
    tile,
    status: "present",
    fetchedAtMs: typeof fetchedAt === "string" ? Date.parse(fetchedAt) : 0,
    sizeBytes: data.byteLength,
    etag: textOrNull(etag),
    lastModified: textOrNull(lastModified),
    sha256: textOrNull(sha256),
    sourceId: source === "" ? ownSource : textOrNull(source),
    attempts: typeof attempts === "number" ? attempts : null,
    data,
  };
}

const statements = new WeakMap<TileSchema, string>();

/** A mark of emptiness that another program has overtaken says nothing of the tile. */
function sqlFor(schema: TileSchema): string {
  const known = statements.get(schema);
  if (known !== undefined) return known;
  const where = "t.zoom_level = ? AND t.tile_column = ? AND t.tile_row = ?";
  const from = `${quoteName(schema.tiles)} t`;
  const sql = schema.hasLedger
    ? `SELECT t.tile_data, l.fetched_at, l.etag, l.last_modified, l.sha256, l.source_id, ${attemptsColumn(schema, "l")}
       FROM ${from} LEFT JOIN ${LEDGER_TABLE} l ON ${ledgerJoin(schema)} AND l.status = 'present' WHERE ${where}`
    : `SELECT t.tile_data FROM ${from} WHERE ${where}`;
  statements.set(schema, sql);
  return sql;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
