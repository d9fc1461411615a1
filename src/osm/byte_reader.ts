import { open, stat, type FileHandle } from "node:fs/promises";
import { isTilthError, messageOf, TilthError } from "../core/index.ts";

/** A read of its own takes 0.1 ms of the event loop, and there are three for each blob: its length, its header, itself. */
const WINDOW_BYTES = 256 * 1024;

/** Bytes of a file from its beginning to its end. */
export interface ByteReader extends AsyncDisposable {
  /** For messages. */
  readonly path: string;
  /** The next bytes, in a buffer of their own; fewer at the end, none behind it. */
  read(size: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** @throws `store.missing`, `store.io` also for what is no file: to open a pipe would wait for whoever writes it, and nothing could stop that */
export async function openFileReader(path: string): Promise<ByteReader> {
  let file: FileHandle;
  try {
    if (!(await stat(path)).isFile())
      throw new TilthError(
        "store.io",
        `expected a file at ${path}, got a folder, a pipe or a device; write what it gives to a file first`,
        {
          fields: { path },
        },
      );
    file = await open(path, "r");
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (missing)
      throw new TilthError("store.missing", `expected a file at ${path}, got none`, { cause, fields: { path } });
    throw unreadable(path, cause);
  }
  return new FileReader(path, file);
}

class FileReader implements ByteReader {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  /** What of the window has been read and not been given out. */
  #ahead = this.#window.subarray(0, 0);

  constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  async read(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      // What is longer than the window goes straight to its place.
      const count = this.#ahead.length > 0 ? this.#give(bytes, length) : await this.#readInto(bytes, length);
      if (count === 0 && this.#ahead.length === 0) break;
      length += count;
    }
    return length === size ? bytes : bytes.slice(0, length);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  #give(bytes: Uint8Array, at: number): number {
    const given = this.#ahead.subarray(0, bytes.length - at);
    bytes.set(given, at);
    this.#ahead = this.#ahead.subarray(given.length);
    return given.length;
  }

  /** @returns bytes that stand in their place now; 0 also when the window was filled */
  async #readInto(bytes: Uint8Array, at: number): Promise<number> {
    const isLong = bytes.length - at >= WINDOW_BYTES;
    try {
      const { bytesRead } = isLong
        ? await this.#file.read(bytes, at, bytes.length - at, null)
        : await this.#file.read(this.#window, 0, WINDOW_BYTES, null);
      if (!isLong) this.#ahead = this.#window.subarray(0, bytesRead);
      return isLong ? bytesRead : 0;
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }
}

function unreadable(path: string, cause: unknown): TilthError {
  return new TilthError("store.io", `could not read ${path}: ${messageOf(cause)}`, { cause, fields: { path } });
}
