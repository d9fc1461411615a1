import { TilthError } from "../core/index.ts";
import type { PostgresDatabase, PostgresTransaction } from "./database.ts";

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  /** Statements; names of tables with their schema. */
  readonly sql: string;
}

export interface MigrateOptions {
  readonly schema: string;
  /** Whose tables these are: several parts of the program keep theirs in one schema, each with versions of its own. */
  readonly component: string;
  readonly migrations: readonly Migration[];
  readonly signal?: AbortSignal;
}

/**
 * Brings the tables of a component up to date. Many processes may do it at once: one does, the others wait. Where nothing is to be done
 * nothing but SELECT is sent, so that a role without CREATE can do its work.
 * @throws `postgres.newerSchema` when a newer program has been here, `postgres.denied` when a right to create is missing
 */
export async function migrate(database: PostgresDatabase, options: MigrateOptions): Promise<void> {
  const newest = Math.max(0, ...options.migrations.map(({ version }) => version));
  const before = await readVersion(database, options);
  if (before >= newest) return checkNotNewer(database, options, before, newest);
  await database.transaction(
    async (transaction) => {
      const { schema, component } = options;
      const lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
      await transaction.query(lock, [`tilth migrations of ${schema}`]);
      await createBooks(transaction, schema);
      const done = await readVersion(transaction, options);
      checkNotNewer(database, options, done, newest);
      for (const { version, sql } of options.migrations.toSorted((a, b) => a.version - b.version)) {
        if (version <= done) continue;
        await transaction.query(sql);
        await transaction.query(`INSERT INTO ${quoted(schema)}.migration VALUES ($1, $2, now())`, [component, version]);
      }
    },
    { signal: options.signal },
  );
}

/** Version of a component's tables in the database; 0 when there are none. */
export async function readVersion(
  database: Pick<PostgresTransaction, "query">,
  { schema, component, signal }: Omit<MigrateOptions, "migrations">,
): Promise<number> {
  const there = "SELECT to_regclass($1) IS NOT NULL AS there";
  const [books] = await database.query<{ there: boolean }>(there, [`${quoted(schema)}.migration`], { signal });
  if (books?.there !== true) return 0;
  const text = `SELECT coalesce(max(version), 0) AS version FROM ${quoted(schema)}.migration WHERE component = $1`;
  const [row] = await database.query<{ version: number }>(text, [component], { signal });
  return row?.version ?? 0;
}

/** Asked for one by one: IF NOT EXISTS wants the right to create before it looks. */
async function createBooks(transaction: PostgresTransaction, schema: string): Promise<void> {
  const asked = "SELECT to_regnamespace($1) IS NOT NULL AS schema, to_regclass($2) IS NOT NULL AS books";
  const [there] = await transaction.query(asked, [quoted(schema), `${quoted(schema)}.migration`]);
  if (there?.["schema"] !== true) await transaction.query(`CREATE SCHEMA ${quoted(schema)}`);
  if (there?.["books"] === true) return;
  await transaction.query(`CREATE TABLE ${quoted(schema)}.migration (
    component text NOT NULL, version integer NOT NULL, migrated timestamptz NOT NULL, PRIMARY KEY (component, version))`);
}

function checkNotNewer(database: PostgresDatabase, options: MigrateOptions, got: number, newest: number): void {
  if (got <= newest) return;
  const { location } = database;
  const message = `expected version ${newest} at most of the tables '${options.component}' in ${location}, got ${got}: a newer Tilth made them; upgrade this one`;
  throw new TilthError("postgres.newerSchema", message, { fields: { location, expected: newest, got } });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
