import { open, type FileHandle } from "node:fs/promises";
import { messageOf, TilthError } from "../core/index.ts";

/** Bytes of a file from its beginning to its end. */
export interface ByteReader extends AsyncDisposable {
  /** For messages. */
  readonly path: string;
  /** The next bytes, in a buffer of their own; fewer at the end, none behind it. */
  read(size: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** @throws `store.missing`, `store.io` */
export async function openFileReader(path: string): Promise<ByteReader> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (missing)
      throw new TilthError("store.missing", `expected a file at ${path}, got none`, { cause, fields: { path } });
    throw unreadable(path, cause);
  }
  return {
    path,
    read: async (size) => readFully(file, path, size),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function readFully(file: FileHandle, path: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  try {
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return length === size ? bytes : bytes.slice(0, length);
}

function unreadable(path: string, cause: unknown): TilthError {
  return new TilthError("store.io", `could not read ${path}: ${messageOf(cause)}`, { cause, fields: { path } });
}
