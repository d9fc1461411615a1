// Tilth's own tables. Apart from what makes them, which the SQLite thread does not need to load.
export const LEDGER_TABLE = "tilth_tile_ledger";
export const METADATA_TABLE = "tilth_metadata";
export const TASKS_TABLE = "tilth_tasks";
