import { migrate, type Migration, type PostgresDatabase } from "../../../postgres/index.ts";

export const SCHEMA = "tilth";
const COMPONENT = "cluster";

/**
 * `block` holds what is cut and not yet done: 0 waiting, 1 in a worker's hands, 2 dead. What is done is a sum in `seed_total`, one row for
 * each worker: nobody waits for another's row. Ranges of a block are inclusive, as everywhere.
 */
const FIRST = `
CREATE TABLE tilth.seed (
  id text PRIMARY KEY,
  definition jsonb NOT NULL,
  cache text NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'paused', 'cancelled', 'ended')),
  planned bigint NOT NULL,
  cursor jsonb,
  next_block bigint NOT NULL DEFAULT 0,
  cut_tiles bigint NOT NULL DEFAULT 0,
  stale_before_ms bigint,
  submitted timestamptz NOT NULL DEFAULT now(),
  ended timestamptz);

CREATE TABLE tilth.block (
  seed text NOT NULL,
  number bigint NOT NULL,
  state smallint NOT NULL DEFAULT 0,
  z smallint NOT NULL,
  min_x integer NOT NULL,
  min_y integer NOT NULL,
  max_x integer NOT NULL,
  max_y integer NOT NULL,
  count integer NOT NULL,
  is_retry boolean NOT NULL DEFAULT false,
  job uuid,
  attempt integer,
  worker text,
  batches integer NOT NULL DEFAULT 0,
  present integer,
  known_empty integer,
  stored integer NOT NULL DEFAULT 0,
  empty integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  error text,
  PRIMARY KEY (seed, number));
CREATE INDEX block_waiting ON tilth.block (seed) WHERE state = 0;

CREATE TABLE tilth.seed_total (
  seed text NOT NULL,
  worker text NOT NULL,
  present bigint NOT NULL DEFAULT 0,
  stored bigint NOT NULL DEFAULT 0,
  empty bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  requests bigint NOT NULL DEFAULT 0,
  retries bigint NOT NULL DEFAULT 0,
  blocks bigint NOT NULL DEFAULT 0,
  busy_ms bigint NOT NULL DEFAULT 0,
  tiles_per_second real NOT NULL DEFAULT 0,
  seen timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (seed, worker));

CREATE TABLE tilth.worker (
  name text PRIMARY KEY,
  seen timestamptz NOT NULL DEFAULT now());

CREATE TABLE tilth.failed_run (
  seed text NOT NULL,
  block bigint NOT NULL,
  z smallint NOT NULL,
  y integer NOT NULL,
  min_x integer NOT NULL,
  max_x integer NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (seed, block, y, min_x));
`;

const MIGRATIONS: readonly Migration[] = [{ version: 1, sql: FIRST }];

/** @throws `postgres.newerSchema`, `postgres.denied` */
export async function migrateBook(database: PostgresDatabase, signal?: AbortSignal): Promise<void> {
  await migrate(database, { schema: SCHEMA, component: COMPONENT, migrations: MIGRATIONS, signal });
}
