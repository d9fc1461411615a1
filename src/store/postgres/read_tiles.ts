import type { PostgresDatabase, QueryOptions } from "../../postgres/index.ts";
import { rangeCount, rangeIndex, type TileCoord, type TileRange } from "../../grid/index.ts";
import { PRESENCE, type StoreCounts, type StoredTile, type TileRecord } from "../tile_store.ts";

/** Where a reader looks. */
export interface CacheTables {
  readonly database: Pick<PostgresDatabase, "query">;
  readonly cacheId: number;
}

/** A row of the tiles with the name of its source. */
export interface TileRow {
  z: number;
  x: number;
  y: number;
  status: number;
  attempts: number | null;
  size: number;
  fetched_ms: number;
  sha256: Uint8Array | null;
  etag: string | null;
  last_modified: string | null;
  source: string | null;
}

export const TILE_COLUMNS =
  "t.z, t.x, t.y, t.status, t.attempts, t.size, t.fetched_ms, t.sha256, t.etag, t.last_modified, s.name AS source";

export function toRecord(row: TileRow): TileRecord {
  return {
    tile: { z: row.z, x: row.x, y: row.y },
    status: row.status === PRESENCE.present ? "present" : "empty",
    fetchedAtMs: row.fetched_ms,
    sizeBytes: row.size,
    etag: row.etag,
    lastModified: row.last_modified,
    sha256: row.sha256 === null ? null : Buffer.from(row.sha256).toString("hex"),
    sourceId: row.source,
    attempts: row.attempts,
  };
}

/** A column may be empty within the range, but no column is looked at that holds nothing: the index is entered once for each. */
const columns = (condition: string): string => `
  WITH RECURSIVE col(x) AS (
    (SELECT t.x FROM tilth.tile t WHERE t.cache = $1 AND t.z = $2 AND t.x BETWEEN $3 AND $4 ${condition} ORDER BY t.x LIMIT 1)
    UNION ALL
    SELECT (SELECT t.x FROM tilth.tile t WHERE t.cache = $1 AND t.z = $2 AND t.x > col.x AND t.x <= $4 ${condition}
      ORDER BY t.x LIMIT 1) FROM col WHERE col.x IS NOT NULL)`;

const rows = (status: number): string => `string_agg((t.y - $5)::text, ',') FILTER (WHERE t.status = ${status})`;

/** One row for each column; the aggregate also keeps the planner from joining all columns with all tiles of the level. */
export const PRESENCE_QUERY = `${columns("")}
  SELECT col.x, found.present, found.empty FROM col CROSS JOIN LATERAL (
    SELECT ${rows(PRESENCE.present)} AS present, ${rows(PRESENCE.empty)} AS empty FROM tilth.tile t
    WHERE t.cache = $1 AND t.z = $2 AND t.x = col.x AND t.y BETWEEN $5 AND $6 AND t.fetched_ms >= $7) found
  WHERE col.x IS NOT NULL`;

export function presenceValues(cacheId: number, range: TileRange, staleBeforeMs = Number.MIN_SAFE_INTEGER): unknown[] {
  return [cacheId, range.z, range.minX, range.maxX, range.minY, range.maxY, Math.ceil(staleBeforeMs)];
}

export async function readPresence(
  { database, cacheId }: CacheTables,
  range: TileRange,
  options: QueryOptions & { staleBeforeMs?: number },
): Promise<Uint8Array> {
  const answer = new Uint8Array(rangeCount(range));
  const values = presenceValues(cacheId, range, options.staleBeforeMs);
  const found = await database.query<{ x: number; present: string | null; empty: string | null }>(
    PRESENCE_QUERY,
    values,
    options,
  );
  for (const { x, present, empty } of found) {
    for (const y of present?.split(",") ?? []) answer[rangeIndex(range, x, range.minY + Number(y))] = PRESENCE.present;
    for (const y of empty?.split(",") ?? []) answer[rangeIndex(range, x, range.minY + Number(y))] = PRESENCE.empty;
  }
  return answer;
}

export async function readRecords(
  { database, cacheId }: CacheTables,
  range: TileRange,
  options: QueryOptions = {},
): Promise<TileRecord[]> {
  // OFFSET 0 keeps the columns one by one, as the aggregate does above.
  const text = `${columns("")}
    SELECT ${TILE_COLUMNS}
    FROM col CROSS JOIN LATERAL (SELECT * FROM tilth.tile t
      WHERE t.cache = $1 AND t.z = $2 AND t.x = col.x AND t.y BETWEEN $5 AND $6 OFFSET 0) t
    LEFT JOIN tilth.source s ON s.id = t.source WHERE col.x IS NOT NULL`;
  const values = presenceValues(cacheId, range).slice(0, 6);
  return (await database.query<TileRow>(text, values, options)).map(toRecord);
}

export async function findTile(
  { database, cacheId }: CacheTables,
  { z, x, y }: TileCoord,
  options: QueryOptions & { withData: boolean },
): Promise<StoredTile | null> {
  const data = options.withData ? "c.data" : "NULL::bytea";
  const content = options.withData ? "LEFT JOIN tilth.content c ON c.sha256 = t.sha256" : "";
  const text = `SELECT ${TILE_COLUMNS}, ${data} AS data FROM tilth.tile t LEFT JOIN tilth.source s ON s.id = t.source ${content}
    WHERE t.cache = $1 AND t.z = $2 AND t.x = $3 AND t.y = $4`;
  const values = [cacheId, z, x, y];
  const [row] = await database.query<TileRow & { data: Uint8Array | null }>(text, values, options);
  if (row === undefined) return null;
  return { ...toRecord(row), data: row.data === null ? null : new Uint8Array(row.data) };
}

export async function countTiles(
  { database, cacheId }: CacheTables,
  options: QueryOptions & { z?: number },
): Promise<StoreCounts> {
  const text = `SELECT count(*) FILTER (WHERE status = 1) AS present, count(*) FILTER (WHERE status = 2) AS empty,
    coalesce(sum(size), 0)::bigint AS "sizeBytes" FROM tilth.tile WHERE cache = $1 ${options.z === undefined ? "" : "AND z = $2"}`;
  const values = options.z === undefined ? [cacheId] : [cacheId, options.z];
  const [row] = await database.query<StoreCounts>(text, values, options);
  return row ?? { present: 0, empty: 0, sizeBytes: 0 };
}

export async function listLevels({ database, cacheId }: CacheTables, options?: QueryOptions): Promise<number[]> {
  const text = `WITH RECURSIVE level(z) AS (
      (SELECT t.z FROM tilth.tile t WHERE t.cache = $1 ORDER BY t.z LIMIT 1)
      UNION ALL
      SELECT (SELECT t.z FROM tilth.tile t WHERE t.cache = $1 AND t.z > level.z ORDER BY t.z LIMIT 1) FROM level
      WHERE level.z IS NOT NULL)
    SELECT z FROM level WHERE z IS NOT NULL ORDER BY z`;
  return (await database.query<{ z: number }>(text, [cacheId], options)).map(({ z }) => z);
}

const end = (order: string): string =>
  `(SELECT t.y FROM tilth.tile t WHERE t.cache = $1 AND t.z = $2 AND t.x = col.x AND t.status = 1 ORDER BY t.y ${order} LIMIT 1)`;

const EXTENT_QUERY = `${columns("AND t.status = 1")}
  SELECT $2::int AS z, min(x) AS "minX", min(${end("ASC")}) AS "minY", max(x) AS "maxX", max(${end("DESC")}) AS "maxY"
  FROM col WHERE x IS NOT NULL`;

/** Looks at both ends of each column. */
export async function readExtents(tables: CacheTables, options?: QueryOptions): Promise<TileRange[]> {
  const extents: TileRange[] = [];
  for (const z of await listLevels(tables, options)) {
    const values = [tables.cacheId, z, 0, 2 ** 31 - 1];
    const [row] = await tables.database.query<TileRange & { minX: number | null }>(EXTENT_QUERY, values, options);
    if (row !== undefined && row.minX !== null) extents.push(row);
  }
  return extents;
}
