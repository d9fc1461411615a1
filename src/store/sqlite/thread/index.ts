export { checkIntegrity } from "./integrity.ts";
export { deleteTiles } from "./delete_tiles.ts";
export { findTile, readPresence, readRecords } from "./read_tiles.ts";
export { hasAddressIndex, listTasks, prepareLedger, putTask, readValues, recoverFiles, settle } from "./books.ts";
export { countTiles, listLevels, readExtents } from "./levels.ts";
export { listPage } from "./list_tiles.ts";
export { putTiles } from "./put_tiles.ts";
