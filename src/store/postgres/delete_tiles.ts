import type { PostgresDatabase, QueryOptions } from "../../postgres/index.ts";
import type { DeleteFilter } from "../tile_store.ts";
import type { CacheTables } from "./read_tiles.ts";

/** Number of addresses forgotten; one statement. Contents are let go by `removeReleased`. */
export async function deleteTiles(
  { database, cacheId }: CacheTables,
  filter: DeleteFilter,
  options?: QueryOptions,
): Promise<number> {
  const { range, fetchedBeforeMs, tiles } = filter;
  if (tiles?.length === 0) return 0;
  const values: unknown[] = [cacheId];
  const at = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ["t.cache = $1"];
  if (range !== undefined) {
    conditions.push(`t.z = ${at(range.z)}`, `t.x BETWEEN ${at(range.minX)} AND ${at(range.maxX)}`);
    conditions.push(`t.y BETWEEN ${at(range.minY)} AND ${at(range.maxY)}`);
  }
  if (fetchedBeforeMs !== undefined) conditions.push(`t.fetched_ms < ${at(Math.ceil(fetchedBeforeMs))}`);
  if (tiles !== undefined) {
    const columns = [tiles.map(({ z }) => z), tiles.map(({ x }) => x), tiles.map(({ y }) => y)].map(at);
    const wanted = `unnest(${columns[0]}::smallint[], ${columns[1]}::int[], ${columns[2]}::int[])`;
    conditions.push(`(t.z, t.x, t.y) IN (SELECT * FROM ${wanted})`);
  }
  const text = `WITH gone AS (DELETE FROM tilth.tile t WHERE ${conditions.join(" AND ")} RETURNING 1) SELECT count(*) AS n FROM gone`;
  const [row] = await database.query<{ n: number }>(text, values, options);
  return row?.n ?? 0;
}

const PAGE = 1000;

const TAKE = `SELECT ctid::text AS place, encode(sha256, 'hex') AS hash FROM tilth.released LIMIT ${PAGE} FOR UPDATE SKIP LOCKED`;
/** Whoever has just found a content to be there holds it: it is left for the next time. */
const LOCK = `SELECT encode(sha256, 'hex') AS hash FROM tilth.content
  WHERE sha256 = ANY (SELECT decode(h, 'hex') FROM unnest($1::text[]) h) ORDER BY sha256 FOR UPDATE SKIP LOCKED`;
/** A statement of its own after the lock: it sees the tiles that were committed until then. */
const REMOVE = `DELETE FROM tilth.content c WHERE c.sha256 = ANY (SELECT decode(h, 'hex') FROM unnest($1::text[]) h)
  AND NOT EXISTS (SELECT 1 FROM tilth.tile t WHERE t.sha256 = c.sha256)`;
const FORGET = `DELETE FROM tilth.released r WHERE r.ctid = ANY ($1::text[]::tid[])
  AND (r.sha256 = ANY (SELECT decode(h, 'hex') FROM unnest($2::text[]) h)
    OR NOT EXISTS (SELECT 1 FROM tilth.content c WHERE c.sha256 = r.sha256))`;

/**
 * Removes contents without a tile, page by page, beside writers: a content is locked first, and only then asked for its tiles. A writer
 * that finds it meanwhile waits for the end of the page and then writes it again. @returns whether some were held by others and are left
 */
export async function removeReleased(database: PostgresDatabase, options: QueryOptions = {}): Promise<boolean> {
  for (;;) {
    const { taken, forgotten } = await database.transaction(async (transaction) => {
      const rows = await transaction.query<{ place: string; hash: string }>(TAKE);
      if (rows.length === 0) return { taken: 0, forgotten: 0 };
      const locked = await transaction.query<{ hash: string }>(LOCK, [[...new Set(rows.map(({ hash }) => hash))]]);
      const hashes = locked.map(({ hash }) => hash);
      await transaction.query(REMOVE, [hashes]);
      const gone = await transaction.query(`${FORGET} RETURNING 1`, [rows.map(({ place }) => place), hashes]);
      return { taken: rows.length, forgotten: gone.length };
    }, options);
    if (taken < PAGE || forgotten === 0) return forgotten < taken;
  }
}
