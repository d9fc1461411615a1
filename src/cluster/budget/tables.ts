import type { Migration } from "../../postgres/index.ts";

export const SCHEMA = "tilth";
export const COMPONENT = "cluster.budget";

/**
 * Times are milliseconds since 1970 of the database's clock, with fractions: 5000 permits a second are 0.2 ms apart. Half of each page is
 * left free, because the same rows are written all the time: a new version then lies in the page of the old one, and no index is touched.
 */
const FIRST = `
CREATE TABLE tilth.budget_host (
  host text PRIMARY KEY,
  at_ms double precision NOT NULL,
  version bigint NOT NULL,
  breaker_version bigint NOT NULL,
  tat_ms double precision NOT NULL,
  paused_until_ms double precision NOT NULL,
  open_until_ms double precision,
  failed_probes integer NOT NULL,
  probe_member text) WITH (fillfactor = 50);

CREATE TABLE tilth.budget_member (
  host text NOT NULL,
  member text NOT NULL,
  rate_per_second double precision,
  places integer,
  open_ms double precision NOT NULL,
  max_open_ms double precision NOT NULL,
  max_probes integer NOT NULL,
  wants integer NOT NULL,
  holds integer NOT NULL,
  waiting_since_ms double precision,
  held_since_ms double precision,
  seen_ms double precision NOT NULL,
  PRIMARY KEY (host, member)) WITH (fillfactor = 50);
`;

export const MIGRATIONS: readonly Migration[] = [{ version: 1, sql: FIRST }];
