import { quoteName, type SqliteThread } from "../../../geopackage/index.ts";
import type { DeleteFilter } from "../../tile_store.ts";
import { fileRange, fileRow, ledgerJoin, ledgerKey, type TileSchema } from "../tile_schema.ts";
import { keepExtent, settleExtent, type Extent } from "./extent.ts";
import { TileFiles } from "./tile_files.ts";
import { LEDGER_TABLE } from "../table_names.ts";

const ADDRESS = "zoom_level, tile_column, tile_row";

/** Number of addresses forgotten; one transaction. */
export function deleteTiles(db: SqliteThread, schema: TileSchema, filter: DeleteFilter): number {
  const files = schema.filesRoot === null ? null : new TileFiles(db, schema.filesRoot);
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS wanted (${ADDRESS}, PRIMARY KEY (${ADDRESS})) WITHOUT ROWID;
    CREATE TEMP TABLE IF NOT EXISTS doomed (${ADDRESS}, PRIMARY KEY (${ADDRESS})) WITHOUT ROWID;`);
  const { chosen, extent } = db.transaction(() => {
    chooseDoomed(db, schema, filter);
    const chosen = Number(db.get("SELECT count(*) n FROM doomed")?.["n"]);
    const extent = chosen > 0 ? removeDoomed(db, schema, files) : null;
    db.exec("DELETE FROM wanted; DELETE FROM doomed");
    return { chosen, extent };
  });
  if (extent !== null) keepExtent(db, extent);
  files?.finish();
  return chosen;
}

function chooseDoomed(db: SqliteThread, schema: TileSchema, filter: DeleteFilter): void {
  const { range, fetchedBeforeMs, tiles } = filter;
  for (const { z, x, y } of tiles ?? []) {
    db.run("INSERT OR IGNORE INTO wanted VALUES (?, ?, ?)", [z, x, fileRow(schema, z, y)]);
  }
  const params = {
    ...(range === undefined ? {} : fileRange(schema, range)),
    before: fetchedBeforeMs === undefined ? null : new Date(fetchedBeforeMs).toISOString(),
  };
  const inRange =
    "AND t.zoom_level = :z AND t.tile_column BETWEEN :minX AND :maxX AND t.tile_row BETWEEN :minY AND :maxY";
  const common = `${range === undefined ? "" : inRange} ${
    tiles === undefined ? "" : "AND (t.zoom_level, t.tile_column, t.tile_row) IN (SELECT * FROM wanted)"
  }`;
  // A tile without a time is older than any.
  const tooYoung = `AND NOT EXISTS (SELECT 1 FROM ${LEDGER_TABLE} l WHERE ${ledgerJoin(schema)} AND l.fetched_at >= :before)`;
  const old = params.before === null ? "" : tooYoung;
  const address = "t.zoom_level, t.tile_column, t.tile_row";
  db.run(
    `INSERT OR IGNORE INTO doomed SELECT ${address} FROM ${quoteName(schema.presence)} t WHERE 1 ${common} ${old}`,
    params,
  );
  db.run(
    `INSERT OR IGNORE INTO doomed SELECT ${address} FROM ${LEDGER_TABLE} t WHERE t.table_name = ${ledgerKey(schema)}
     AND t.status = 'empty' ${common} ${params.before === null ? "" : "AND t.fetched_at < :before"}`,
    params,
  );
}

function removeDoomed(db: SqliteThread, schema: TileSchema, files: TileFiles | null): Extent {
  const inDoomed = `(${ADDRESS}) IN (SELECT * FROM doomed)`;
  const table = quoteName(schema.presence);
  if (files !== null) {
    for (const row of db.all(`SELECT tile_data FROM ${table} WHERE ${inDoomed}`))
      files.stageRemoval(String(row["tile_data"]));
  }
  db.run(`DELETE FROM ${table} WHERE ${inDoomed}`);
  db.run(`DELETE FROM ${LEDGER_TABLE} WHERE table_name = ${ledgerKey(schema)} AND ${inDoomed}`);
  if (schema.deduplicate)
    db.run("DELETE FROM images WHERE tile_id NOT IN (SELECT tile_id FROM map WHERE tile_id IS NOT NULL)");
  return settleExtent(db, schema, { recount: true });
}
