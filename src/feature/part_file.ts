import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { throwIfAborted } from "../core/index.ts";
import { storeErrorFrom } from "../geopackage/index.ts";

/** Name under which a file is made, beside its place. */
export function partPath(path: string): string {
  return `${path}.partial`;
}

/** A file while it grows. What a killed writer left of it is overwritten. */
export class PartFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #closing: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<PartFile> {
    // Removed first: a link that stands there must not be followed.
    const handle = await storing(path, async () => {
      await rm(path, { force: true });
      return open(path, "wx");
    });
    return new PartFile(path, handle);
  }

  /** To the end. @throws `store.full`, `store.io` */
  async append(bytes: Uint8Array | string): Promise<void> {
    await storing(this.path, () => this.#handle.appendFile(bytes));
  }

  close(): Promise<void> {
    this.#closing ??= this.#handle.close();
    return this.#closing;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }
}

/**
 * Moves whole files to their places, and takes away what stands at the others: all or nothing, unless the process is killed
 * in between. A signal counts until the first one moves.
 */
export async function placeFiles(
  moves: readonly { readonly from: string; readonly to: string }[],
  removed: readonly string[] = [],
  signal?: AbortSignal,
): Promise<void> {
  for (const { from } of moves) await syncFile(from);
  throwIfAborted(signal);
  const [only] = moves;
  if (only !== undefined && moves.length + removed.length === 1) {
    await storing(only.to, () => rename(only.from, only.to));
    return;
  }
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const path of [...moves.map(({ to }) => to), ...removed]) await storing(path, () => setAside(path, undo));
    for (const { from, to } of moves) {
      await storing(to, () => rename(from, to));
      undo.push(() => rm(to, { force: true }));
    }
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    throw error;
  }
  await Promise.all([...moves.map(({ to }) => to), ...removed].map((path) => rm(asidePath(path), { force: true })));
}

const asidePath = (path: string): string => `${path}.replaced`;

async function setAside(path: string, undo: (() => Promise<void>)[]): Promise<void> {
  try {
    await rename(path, asidePath(path));
    undo.push(() => rename(asidePath(path), path));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

/** On the disk before it has its name: else a power cut could leave an empty file in the place of a good one. @throws `store.full`, `store.io` */
export async function syncFile(path: string): Promise<void> {
  await storing(path, async () => {
    const handle = await open(path, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function storing<Result>(path: string, fn: () => Promise<Result>): Promise<Result> {
  try {
    return await fn();
  } catch (error) {
    throw storeErrorFrom(error, path);
  }
}
