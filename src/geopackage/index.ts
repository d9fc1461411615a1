export {
  completeBaseTables,
  createBaseTables,
  GEOPACKAGE_APPLICATION_IDS,
  registerExtension,
  type ExtensionRow,
} from "./base_tables.ts";
export { quoteName, quoteText } from "./identifiers.ts";
export {
  openSqlite,
  SqliteConnection,
  sqliteTask,
  type OpenSqliteOptions,
  type SqliteCallOptions,
} from "./sqlite_connection.ts";
export { storeErrorFrom } from "./sqlite_errors.ts";
export { Handover, type SqliteFile, type SqliteRow, type SqliteTask, type SqliteValue } from "./sqlite_message.ts";
export type { SqliteBatch } from "./sqlite_procedures.ts";
export { openSqliteHere, type ReadTurn } from "./read_turn.ts";
export type { SqliteThread } from "./sqlite_thread.ts";
export { crsOfSrs, srsIdOf, srsRow } from "./spatial_ref_sys.ts";
export type { SrsRow } from "./srs_rows.ts";
export { createTileTable, TILE_MATRIX_TABLES, tileTableBatches } from "./tile_tables.ts";
export { WriteLock } from "./write_lock.ts";
