import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of real files; undefined where there are none, and tests over them are not declared then. */
export const realData = process.env["TILTH_REAL_DATA"];

/** Files of a folder of it, by name; none where there is no real data. */
export function listRealFiles(folder: string): { name: string; path: string; bytes: Buffer }[] {
  if (realData === undefined) return [];
  const root = join(realData, folder);
  const files = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => ({ name, path: join(root, name), bytes: readFileSync(join(root, name)) }));
}
