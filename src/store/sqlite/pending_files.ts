/** Renames (or, for `temp` null, removals) that a committed transaction still owes to the folder. Paths are relative to it. */
export const PENDING_TABLE_SQL =
  "CREATE TABLE IF NOT EXISTS tilth_pending_file (path TEXT NOT NULL PRIMARY KEY, temp TEXT) WITHOUT ROWID";
