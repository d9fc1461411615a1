import { mkdir, rename, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, TilthError } from "../../core/index.ts";

/**
 * Beside, then renamed: a killed run leaves the old file or the new one.
 * @param timeMs of the file, UTC
 * @throws `store.io`
 */
export async function writeWholeFile(path: string, content: Uint8Array | string, timeMs: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.partial`, content);
    await utimes(`${path}.partial`, timeMs / 1000, timeMs / 1000);
    await rename(`${path}.partial`, path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

/** Null when there is no such file. @throws `store.io` */
export async function orNull<Result>(path: string, read: Promise<Result>): Promise<Result | null> {
  try {
    return await read;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): TilthError {
  const message = `the cache of Overpass answers cannot be used: ${messageOf(cause)}; name another folder with --cache`;
  return new TilthError("store.io", message, { cause, fields: { path } });
}
