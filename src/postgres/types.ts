import pg from "pg";

const BIGINT = 20;

/** How values of rows are read: as the driver does it, but `bigint` as a number (counts, bytes and milliseconds stay below 2^53). */
export const readTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === BIGINT ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};
