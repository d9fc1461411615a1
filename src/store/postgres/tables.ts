import type { Migration } from "../../postgres/index.ts";

export const SCHEMA = "tilth";
export const COMPONENT = "store";

/**
 * Zooms of the partitions, first of each. A level has four times the tiles of the one above: the levels that everybody looks at lie in a
 * small table that stays in memory, and each of the deep ones can be vacuumed and backed up while the others are in use.
 */
const PARTITIONS = [0, 12, 15, 17, 18] as const;

const partitions = PARTITIONS.map((from, i) => {
  const next = PARTITIONS[i + 1];
  const name = `tile_${from}_${next === undefined ? "up" : next - 1}`;
  // Rows that are only ever inserted are vacuumed early, so that presence is read from the index alone.
  return `CREATE TABLE tilth.${name} PARTITION OF tilth.tile FOR VALUES FROM (${from}) TO (${next ?? "MAXVALUE"})
    WITH (autovacuum_vacuum_insert_scale_factor = 0.05);`;
}).join("\n");

/** Times are milliseconds since 1970, UTC. `status`: 1 present, 2 known empty. */
const FIRST = `
CREATE TABLE tilth.cache (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  grid text NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  attribution text NOT NULL,
  format text,
  source_id text,
  created timestamptz NOT NULL DEFAULT now());

CREATE TABLE tilth.source (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE);

CREATE TABLE tilth.content (
  sha256 bytea PRIMARY KEY,
  data bytea NOT NULL);
-- Tiles are compressed already.
ALTER TABLE tilth.content ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE tilth.tile (
  cache integer NOT NULL,
  z smallint NOT NULL,
  x integer NOT NULL,
  y integer NOT NULL,
  status smallint NOT NULL,
  attempts integer,
  size integer NOT NULL,
  source integer,
  fetched_ms bigint NOT NULL,
  sha256 bytea,
  etag text,
  last_modified text,
  PRIMARY KEY (cache, z, x, y) INCLUDE (status, size, fetched_ms),
  CHECK (status IN (1, 2) AND (status = 1) = (sha256 IS NOT NULL))) PARTITION BY RANGE (z);
${partitions}
CREATE INDEX tile_sha256 ON tilth.tile (sha256) WHERE sha256 IS NOT NULL;

-- Contents that have lost a tile; those without any other are removed by and by.
CREATE TABLE tilth.released (sha256 bytea NOT NULL);

CREATE FUNCTION tilth.release_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tilth.released VALUES (OLD.sha256);
  RETURN NULL;
END $$;
CREATE FUNCTION tilth.release_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tilth.released SELECT DISTINCT sha256 FROM gone WHERE sha256 IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER replaced AFTER UPDATE ON tilth.tile FOR EACH ROW
  WHEN (OLD.sha256 IS NOT NULL AND OLD.sha256 IS DISTINCT FROM NEW.sha256) EXECUTE FUNCTION tilth.release_one();
CREATE TRIGGER deleted AFTER DELETE ON tilth.tile REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION tilth.release_deleted();

CREATE TABLE tilth.task (
  cache integer NOT NULL,
  id text NOT NULL,
  definition text NOT NULL,
  report text,
  updated_ms bigint NOT NULL,
  PRIMARY KEY (cache, id));
`;

export const MIGRATIONS: readonly Migration[] = [{ version: 1, sql: FIRST }];
