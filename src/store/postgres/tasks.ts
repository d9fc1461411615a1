import type { QueryOptions } from "../../postgres/index.ts";
import type { StoreTask } from "../tile_store.ts";
import type { CacheTables } from "./read_tiles.ts";

export async function listTasks({ database, cacheId }: CacheTables, options: QueryOptions): Promise<StoreTask[]> {
  const text = `SELECT id, definition, report, updated_ms AS "updatedAtMs" FROM tilth.task WHERE cache = $1 ORDER BY updated_ms, id`;
  return database.query<StoreTask>(text, [cacheId], options);
}

export async function putTask({ database, cacheId }: CacheTables, task: StoreTask): Promise<void> {
  const text = `INSERT INTO tilth.task (cache, id, definition, report, updated_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (cache, id) DO UPDATE SET definition = excluded.definition, report = excluded.report, updated_ms = excluded.updated_ms`;
  await database.query(text, [cacheId, task.id, task.definition, task.report, task.updatedAtMs]);
}
