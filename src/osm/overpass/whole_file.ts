import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { isTilthError, messageOf, TilthError } from "../../core/index.ts";

/** Of files that are not whole yet: those of several processes at a time differ. */
export const PARTIAL = /\.[-0-9a-f]{36}\.partial$/;

/**
 * Beside, then renamed: a killed run leaves the old file or the new one.
 * @param check looks at the file before it takes its place; when it throws there is none
 * @throws `store.io`, what `check` throws
 */
export async function writeWholeFile(
  path: string,
  content: Uint8Array | string,
  check: (path: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    await makeFolder(dirname(path));
    await writeFile(partial, content);
    await check(partial);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw isTilthError(cause) ? cause : unusable(path, cause);
  }
}

/**
 * A folder, and those that it lies in. Node's own way goes round and round, for ever, where the system says of a place that exists that nothing is there: /proc, /sys.
 * @throws `store.io`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeWithParents(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

async function makeWithParents(path: string): Promise<void> {
  const parent = dirname(path);
  const isMissing = await makeOne(path).then(
    () => false,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOENT" || parent === path) throw cause;
      return true;
    },
  );
  if (!isMissing) return;
  await makeWithParents(parent);
  await makeOne(path);
}

/** One that is there already is as good; what is no folder is not. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (!isFolder) throw cause;
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

export function unusable(path: string, cause: unknown): TilthError {
  const message = `the cache of Overpass answers cannot be used: ${messageOf(cause)}; name another folder with --cache`;
  return new TilthError("store.io", message, { cause, fields: { path } });
}
