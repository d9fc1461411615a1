import { open } from "node:fs/promises";
import { basename } from "node:path";
import { throwIfAborted, TilthError, type ByteSource } from "../core/index.ts";

/** A file as a source of bytes. Its size is that of the moment of opening. @throws `store.missing`, `store.io` */
export async function openFileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, "r").catch((error: unknown) => {
    throw fileError(path, error);
  });
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new TilthError("store.io", `expected a file, got something else at '${basename(path)}'`);
  }
  return {
    name: basename(path),
    sizeBytes: stat.size,
    async read(offset, length, { signal } = {}) {
      throwIfAborted(signal);
      const bytes = new Uint8Array(Math.max(0, Math.min(length, stat.size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await handle
          .read(bytes, filled, bytes.length - filled, offset + filled)
          .catch((error: unknown) => {
            throw fileError(path, error);
          });
        if (bytesRead === 0) return bytes.slice(0, filled);
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

export function fileError(path: string, cause: unknown): TilthError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  if (reason === "ENOENT") return new TilthError("store.missing", `there is no file '${basename(path)}'`, { cause });
  if (reason === "ENOSPC") return new TilthError("store.full", `no space is left for '${basename(path)}'`, { cause });
  return new TilthError("store.io", `the file system refused '${basename(path)}': ${reason}`, { cause });
}
