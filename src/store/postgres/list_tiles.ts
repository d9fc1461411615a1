import { throwIfAborted } from "../../core/index.ts";
import type { QueryOptions } from "../../postgres/index.ts";
import type { TileRange } from "../../grid/index.ts";
import type { StoredTile, TileRecord } from "../tile_store.ts";
import { findTile, TILE_COLUMNS, toRecord, type CacheTables, type TileRow } from "./read_tiles.ts";

const PAGE_ROWS = 500;
const GROUP_BYTES = 4_194_304;

/**
 * Tiles of a range by pages that go on after the last address: no connection and no snapshot is held while the caller works (a long one
 * keeps the server from tidying up), and a page is read again when the connection breaks.
 */
export async function* listTiles(
  tables: CacheTables,
  range: TileRange,
  options: QueryOptions & { withData: boolean },
): AsyncGenerator<StoredTile> {
  const text = `SELECT ${TILE_COLUMNS} FROM tilth.tile t LEFT JOIN tilth.source s ON s.id = t.source
    WHERE t.cache = $1 AND t.z = $2 AND t.x BETWEEN $3 AND $4 AND t.y BETWEEN $5 AND $6 AND (t.x, t.y) > ($7, $8)
    ORDER BY t.x, t.y LIMIT ${PAGE_ROWS}`;
  const { z, minX, maxX, minY, maxY } = range;
  let [lastX, lastY] = [-1, -1];
  for (;;) {
    // Columns that are done with are passed over by the index.
    const values = [tables.cacheId, z, Math.max(minX, lastX), maxX, minY, maxY, lastX, lastY];
    const page = await tables.database.query<TileRow>(text, values, options);
    for (const group of groupByBytes(page.map(toRecord), options.withData ? GROUP_BYTES : Number.POSITIVE_INFINITY))
      for await (const tile of withBytes(tables, group, options)) {
        throwIfAborted(options.signal);
        yield tile;
      }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) return;
    [lastX, lastY] = [last.x, last.y];
  }
}

/** Bytes of one group are in memory at once; a tile that is larger is a group of its own. */
function groupByBytes(records: readonly TileRecord[], maxBytes: number): TileRecord[][] {
  const groups: TileRecord[][] = [];
  let sizeBytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    if (sizeBytes + record.sizeBytes > maxBytes || groups.length === 0) {
      groups.push([]);
      sizeBytes = 0;
    }
    groups.at(-1)?.push(record);
    sizeBytes += record.sizeBytes;
  }
  return groups;
}

async function* withBytes(
  tables: CacheTables,
  group: readonly TileRecord[],
  options: QueryOptions & { withData: boolean },
): AsyncGenerator<StoredTile> {
  const contents = options.withData ? await readContents(tables, group, options) : null;
  for (const record of group) {
    const data = record.sha256 === null ? null : (contents?.get(record.sha256) ?? null);
    if (contents === null || record.status === "empty" || data !== null) {
      yield { ...record, data: data === null ? null : new Uint8Array(data) };
      continue;
    }
    // Replaced or removed between the two reads: as it is now, or not at all.
    const now = await findTile(tables, record.tile, options);
    if (now !== null) yield now;
  }
}

async function readContents(
  { database }: CacheTables,
  group: readonly TileRecord[],
  options: QueryOptions,
): Promise<Map<string, Uint8Array>> {
  const hashes = [...new Set(group.map(({ sha256 }) => sha256).filter((hash) => hash !== null))];
  const text = `SELECT encode(sha256, 'hex') AS hash, data FROM tilth.content
    WHERE sha256 = ANY (SELECT decode(h, 'hex') FROM unnest($1::text[]) h)`;
  const rows = await database.query<{ hash: string; data: Uint8Array }>(text, [hashes], options);
  return new Map(rows.map(({ hash, data }) => [hash, data]));
}
