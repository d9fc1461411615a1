import { randomBytes } from "node:crypto";
import type { QueryOptions } from "../../postgres/index.ts";
import type { CacheTables } from "./read_tiles.ts";

const SAMPLE = 1000;

/** Findings as sentences. Sizes and references of all tiles (no content is read for those), hashes of a sample of contents. */
export async function checkIntegrity({ database, cacheId }: CacheTables, options?: QueryOptions): Promise<string[]> {
  const joined =
    "FROM tilth.tile t LEFT JOIN tilth.content c ON c.sha256 = t.sha256 WHERE t.cache = $1 AND t.status = 1";
  const text = `SELECT count(*) FILTER (WHERE c.sha256 IS NULL) AS dangling,
    count(*) FILTER (WHERE octet_length(c.data) <> t.size) AS resized ${joined}`;
  const [row] = await database.query<{ dangling: number; resized: number }>(text, [cacheId], options);
  const findings: string[] = [];
  if (row !== undefined && row.dangling > 0) findings.push(`${row.dangling} tiles have no bytes`);
  if (row !== undefined && row.resized > 0)
    findings.push(`${row.resized} tiles have another size than the ledger says`);
  const damaged = await countDamaged({ database, cacheId }, options);
  if (damaged > 0) findings.push(`${damaged} of ${SAMPLE} contents looked at have another hash than their name`);
  return findings;
}

/** Contents from a random place on; `verify` reads them all. */
async function countDamaged({ database }: CacheTables, options?: QueryOptions): Promise<number> {
  const part = (comparison: string): string =>
    `(SELECT sha256, data FROM tilth.content WHERE sha256 ${comparison} $1 ORDER BY sha256 LIMIT ${SAMPLE})`;
  const text = `SELECT count(*) AS n FROM (SELECT * FROM (${part(">=")} UNION ALL ${part("<")}) c LIMIT ${SAMPLE}) c
    WHERE sha256(data) <> sha256`;
  const [row] = await database.query<{ n: number }>(text, [randomBytes(32)], options);
  return row?.n ?? 0;
}
