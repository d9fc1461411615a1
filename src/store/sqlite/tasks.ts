import { workerModuleUrl } from "../../concurrency/index.ts";
import { sqliteTask } from "../../geopackage/index.ts";
import type * as thread from "./thread/index.ts";

const MODULE = workerModuleUrl("./thread/index", import.meta.url);

/** What the stores let their SQLite thread do; the functions themselves load there and not here. */
export const tasks = {
  checkIntegrity: sqliteTask<typeof thread.checkIntegrity>(MODULE, "checkIntegrity"),
  countTiles: sqliteTask<typeof thread.countTiles>(MODULE, "countTiles"),
  deleteTiles: sqliteTask<typeof thread.deleteTiles>(MODULE, "deleteTiles"),
  findTile: sqliteTask<typeof thread.findTile>(MODULE, "findTile"),
  hasAddressIndex: sqliteTask<typeof thread.hasAddressIndex>(MODULE, "hasAddressIndex"),
  listLevels: sqliteTask<typeof thread.listLevels>(MODULE, "listLevels"),
  listPage: sqliteTask<typeof thread.listPage>(MODULE, "listPage"),
  listTasks: sqliteTask<typeof thread.listTasks>(MODULE, "listTasks"),
  prepareLedger: sqliteTask<typeof thread.prepareLedger>(MODULE, "prepareLedger"),
  putTask: sqliteTask<typeof thread.putTask>(MODULE, "putTask"),
  putTiles: sqliteTask<typeof thread.putTiles>(MODULE, "putTiles"),
  readExtents: sqliteTask<typeof thread.readExtents>(MODULE, "readExtents"),
  readPresence: sqliteTask<typeof thread.readPresence>(MODULE, "readPresence"),
  readRecords: sqliteTask<typeof thread.readRecords>(MODULE, "readRecords"),
  readValues: sqliteTask<typeof thread.readValues>(MODULE, "readValues"),
  recoverFiles: sqliteTask<typeof thread.recoverFiles>(MODULE, "recoverFiles"),
  settle: sqliteTask<typeof thread.settle>(MODULE, "settle"),
};
