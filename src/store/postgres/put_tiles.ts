import { TilthError } from "../../core/index.ts";
import type { PostgresTransaction } from "../../postgres/index.ts";
import type { FinalWrite } from "./final_writes.ts";

/** Writes of one part within a transaction: sources, contents, then tiles, each in the order of its key. */
export async function putTiles(
  transaction: PostgresTransaction,
  cacheId: number,
  writes: readonly FinalWrite[],
): Promise<void> {
  const tiles = writes.filter(({ kind }) => kind !== "renew");
  const renewals = writes.filter(({ kind }) => kind === "renew");
  if (tiles.length > 0) {
    await addSources(transaction, tiles);
    const hashes = await addContents(transaction, tiles);
    await upsertTiles(transaction, cacheId, tiles, hashes);
  }
  if (renewals.length > 0) await renewTiles(transaction, cacheId, renewals);
}

async function addSources(transaction: PostgresTransaction, writes: readonly FinalWrite[]): Promise<void> {
  const names = [...new Set(writes.map(({ sourceId }) => sourceId).filter((id) => id !== null))];
  if (names.length === 0) return;
  // Looked for first: an INSERT that conflicts uses up a number all the same.
  const text = `INSERT INTO tilth.source (name) SELECT n FROM unnest($1::text[]) n
    WHERE NOT EXISTS (SELECT 1 FROM tilth.source s WHERE s.name = n) ORDER BY n ON CONFLICT DO NOTHING`;
  await transaction.query(text, [names]);
}

/**
 * All bytes go over as one value and are cut and hashed by the server: no array of bytes has to be written as text, and nothing is hashed
 * on the event loop.
 */
const ADD_CONTENTS = `
  WITH given AS MATERIALIZED (
    SELECT n, o, l, sha256(substring($1::bytea FROM o FOR l)) AS hash
    FROM unnest($2::int[], $3::int[]) WITH ORDINALITY AS g(o, l, n)),
  added AS (
    INSERT INTO tilth.content (sha256, data)
    SELECT DISTINCT ON (hash) hash, substring($1::bytea FROM o FOR l) FROM given ORDER BY hash
    ON CONFLICT (sha256) DO NOTHING RETURNING sha256)
  SELECT given.hash, added.sha256 IS NOT NULL AS is_new
  FROM given LEFT JOIN added ON added.sha256 = given.hash ORDER BY n`;

/** Held until the end of the transaction, so that nobody removes what we have just found to be there. */
const HOLD_CONTENTS = `
  SELECT count(*) AS held FROM (
    SELECT 1 FROM tilth.content WHERE sha256 = ANY ($1::bytea[]) ORDER BY sha256 FOR KEY SHARE) c`;

const MAX_ROUNDS = 5;

/** Hash of each write, null for an empty one. */
async function addContents(
  transaction: PostgresTransaction,
  writes: readonly FinalWrite[],
): Promise<(Uint8Array | null)[]> {
  const parts = writes.map(({ data }) => data).filter((data) => data !== null);
  if (parts.length === 0) return writes.map(() => null);
  const lengths = parts.map(({ byteLength }) => byteLength);
  let end = 1;
  const offsets = lengths.map((length) => (end += length) - length);
  const values = [Buffer.concat(parts), offsets, lengths];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const rows = await transaction.query<{ hash: Uint8Array; is_new: boolean }>(ADD_CONTENTS, values);
    if (await holdContents(transaction, rows)) {
      const hashes = rows.values();
      return writes.map(({ data }) => (data === null ? null : (hashes.next().value?.hash ?? null)));
    }
  }
  throw new TilthError("postgres.conflict", "contents were removed by others again and again while they were written");
}

/** False when one of those that were there before has been removed meanwhile. */
async function holdContents(
  transaction: PostgresTransaction,
  rows: readonly { hash: Uint8Array; is_new: boolean }[],
): Promise<boolean> {
  const old = new Map<string, Uint8Array>();
  for (const { hash, is_new } of rows) if (!is_new) old.set(Buffer.from(hash).toString("hex"), hash);
  if (old.size === 0) return true;
  const [row] = await transaction.query<{ held: number }>(HOLD_CONTENTS, [[...old.values()]]);
  return row?.held === old.size;
}

const UPSERT_TILES = `
  INSERT INTO tilth.tile AS t (cache, z, x, y, status, fetched_ms, sha256, size, attempts, source, etag, last_modified)
  SELECT $1::int, g.z, g.x, g.y, CASE WHEN g.sha256 IS NULL THEN 2 ELSE 1 END, g.fetched_ms, g.sha256, g.size, g.attempts, s.id,
    g.etag, g.last_modified
  FROM unnest($2::smallint[], $3::int[], $4::int[], $5::bigint[], $6::bytea[], $7::int[], $8::int[], $9::text[], $10::text[], $11::text[])
    AS g(z, x, y, fetched_ms, sha256, size, attempts, source, etag, last_modified)
  LEFT JOIN tilth.source s ON s.name = g.source
  ORDER BY g.z, g.x, g.y
  ON CONFLICT (cache, z, x, y) DO UPDATE SET status = excluded.status, fetched_ms = excluded.fetched_ms, sha256 = excluded.sha256,
    size = excluded.size, attempts = excluded.attempts, source = excluded.source, etag = excluded.etag,
    last_modified = excluded.last_modified`;

async function upsertTiles(
  transaction: PostgresTransaction,
  cacheId: number,
  writes: readonly FinalWrite[],
  hashes: readonly (Uint8Array | null)[],
): Promise<void> {
  await transaction.query(UPSERT_TILES, [
    cacheId,
    ...addresses(writes),
    writes.map(({ fetchedAtMs }) => Math.trunc(fetchedAtMs)),
    hashes,
    writes.map(({ data }) => data?.byteLength ?? 0),
    writes.map(({ attempts }) => attempts),
    writes.map(({ sourceId }) => sourceId),
    writes.map(({ etag }) => etag),
    writes.map(({ lastModified }) => lastModified),
  ]);
}

/** Rows are locked in the order of their keys first: an UPDATE over a join would take them as they come. */
const RENEW_TILES = `
  WITH found AS (
    SELECT t.z, t.x, t.y, g.fetched_ms, g.etag, g.last_modified, g.attempts
    FROM unnest($2::smallint[], $3::int[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::int[])
      AS g(z, x, y, fetched_ms, etag, last_modified, attempts)
    JOIN tilth.tile t ON t.cache = $1 AND t.z = g.z AND t.x = g.x AND t.y = g.y
    WHERE t.status = 1 ORDER BY t.z, t.x, t.y FOR UPDATE OF t)
  UPDATE tilth.tile t SET fetched_ms = f.fetched_ms, etag = coalesce(f.etag, t.etag),
    last_modified = coalesce(f.last_modified, t.last_modified), attempts = coalesce(f.attempts, t.attempts)
  FROM found f WHERE t.cache = $1 AND t.z = f.z AND t.x = f.x AND t.y = f.y`;

async function renewTiles(
  transaction: PostgresTransaction,
  cacheId: number,
  writes: readonly FinalWrite[],
): Promise<void> {
  await transaction.query(RENEW_TILES, [
    cacheId,
    ...addresses(writes),
    writes.map(({ fetchedAtMs }) => Math.trunc(fetchedAtMs)),
    writes.map(({ etag }) => etag),
    writes.map(({ lastModified }) => lastModified),
    writes.map(({ attempts }) => attempts),
  ]);
}

function addresses(writes: readonly FinalWrite[]): [number[], number[], number[]] {
  return [writes.map(({ tile }) => tile.z), writes.map(({ tile }) => tile.x), writes.map(({ tile }) => tile.y)];
}
