import { existsSync } from "node:fs";
import { TilthError } from "../core/index.ts";
import { isStoreUrl, openStore, type TileStore } from "../store/index.ts";

/** Opens a file, or a cache of a database, for writing that must be there already. @throws `store.missing`; what `openStore` throws */
export async function openExisting(file: string, signal: AbortSignal): Promise<TileStore> {
  // Asked by a look at it: opened for writing it would be made.
  if (isStoreUrl(file)) await (await openStore(file, { mode: "read", signal })).close();
  else if (!existsSync(file))
    throw new TilthError("store.missing", `expected a cache file at ${file}, got nothing there`, { fields: { file } });
  return openStore(file, { mode: "write", signal });
}
