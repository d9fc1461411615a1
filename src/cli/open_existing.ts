import { existsSync } from "node:fs";
import { TilthError } from "../core/index.ts";
import { openStore, type TileStore } from "../store/index.ts";

/** Opens a file for writing that must be there already. @throws `store.missing`; what `openStore` throws */
export async function openExisting(file: string, signal: AbortSignal): Promise<TileStore> {
  if (!existsSync(file))
    throw new TilthError("store.missing", `expected a cache file at ${file}, got nothing there`, { fields: { file } });
  return openStore(file, { mode: "write", signal });
}
