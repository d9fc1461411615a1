import type pg from "pg";

/** The module itself: it is loaded when the first database is opened. */
export type Driver = typeof pg;

const BIGINT = 20;

/** How values of rows are read: as the driver does it, but `bigint` as a number (counts, bytes and milliseconds stay below 2^53). */
export function readTypes({ types }: Driver): pg.CustomTypesConfig {
  const parserOf = (oid: number, format?: "text" | "binary"): unknown =>
    oid === BIGINT ? Number : types.getTypeParser(oid, format as "text");
  return { getTypeParser: parserOf as typeof types.getTypeParser };
}
