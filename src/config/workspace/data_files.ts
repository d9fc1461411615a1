import { lstat, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TilthError } from "../../core/index.ts";

/** One name: no folder, nothing hidden, no name of a device; with the endings that a store is told by, or none (a folder of tiles). */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_ .-]{0,99}$/;
const ENDING = /\.(?:gpkg|mbtiles)$/i;

/** Archives of a data folder that are served. */
const MAX_FILES = 1000;

/** Where jobs rest within the data folder; no store can have this name. */
export const JOBS_FOLDER = ".jobs";

/** @throws `store.io` when the folder cannot be made */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(join(folder, JOBS_FOLDER), { recursive: true });
  } catch (cause) {
    throw new TilthError("store.io", `the data folder ${folder} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The path of a store within the data folder, which need not be there yet.
 * @throws `argument.invalid` for a name that leads anywhere else, by dots, by separators or by a link
 */
export async function dataPath(folder: string, name: string): Promise<string> {
  requireDataName(name);
  const path = join(folder, name);
  const found = await lstat(path).catch(() => null);
  if (found?.isSymbolicLink() === true)
    throw new TilthError("argument.invalid", `expected a file of the data folder, got '${name}', which is a link`);
  return path;
}

/** @throws `argument.invalid` */
export function requireDataName(name: string): void {
  if (!FILE_NAME.test(name) || name.endsWith(".") || name.endsWith(" ") || (name.includes(".") && !ENDING.test(name)))
    throw new TilthError(
      "argument.invalid",
      `expected the name of a file in the data folder such as alps.gpkg or alps.mbtiles, or of a folder without a dot, got '${name.slice(0, 100)}'`,
    );
}

/** Archives that rest in the data folder, by name. @throws `store.io` */
export async function listDataFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && ENDING.test(entry.name)).map(({ name }) => name);
    return files
      .toSorted()
      .slice(0, MAX_FILES)
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new TilthError("store.io", `the data folder ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
