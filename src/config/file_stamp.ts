import { stat } from "node:fs/promises";

/** By what one state of a file (or of a folder of tiles) is told from another, without reading it. */
export interface FileStamp {
  /** Which file: another one once it was replaced by a rename. */
  readonly identity: string;
  /** Its size and the time of its last change, to the nanosecond. */
  readonly contents: string;
}

/** Null when there is nothing at the path, or nothing that may be looked at. */
export async function readStamp(path: string): Promise<FileStamp | null> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return { identity: `${dev}:${ino}`, contents: `${size}:${mtimeNs}` };
  } catch {
    return null;
  }
}

export function sameStamp(a: FileStamp | null, b: FileStamp | null): boolean {
  return a?.identity === b?.identity && a?.contents === b?.contents;
}
