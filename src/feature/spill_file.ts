import { randomUUID } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { messageOf, TilthError } from "../core/index.ts";

const NAME = /^tilth-spill-(\d+)-[-0-9a-f]+$/;

/** What does not fit into memory, one piece behind the other, in a folder for temporary files; gone with `close`. */
export class SpillFile {
  readonly path: string;
  readonly #descriptor: number;
  #length = 0;

  /** Removes what processes that were killed left in the folder. @throws `store.io` */
  constructor(folder: string) {
    this.path = join(folder, `tilth-spill-${process.pid}-${randomUUID()}`);
    try {
      for (const name of readdirSync(folder)) if (isLeftOver(name)) rmSync(join(folder, name), { force: true });
      this.#descriptor = openSync(this.path, "wx+", 0o600);
    } catch (cause) {
      throw this.#fault(cause);
    }
  }

  /** @returns where the piece begins @throws `store.full`, `store.io` */
  append(bytes: Uint8Array): number {
    const offset = this.#length;
    try {
      for (let done = 0; done < bytes.byteLength;)
        done += writeSync(this.#descriptor, bytes, done, bytes.byteLength - done, offset + done);
    } catch (cause) {
      throw this.#fault(cause);
    }
    this.#length += bytes.byteLength;
    return offset;
  }

  /** Fills `into` from an offset. @throws `store.io` */
  read(offset: number, into: Uint8Array): void {
    try {
      for (let done = 0; done < into.byteLength;) {
        const count = readSync(this.#descriptor, into, done, into.byteLength - done, offset + done);
        if (count === 0) throw new Error(`it ends before byte ${offset + into.byteLength}`);
        done += count;
      }
    } catch (cause) {
      throw this.#fault(cause);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.path, { force: true });
  }

  #fault(cause: unknown): TilthError {
    const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    const message = `could not use the temporary file ${this.path}: ${messageOf(cause)}; set TMPDIR to a folder with more room`;
    return new TilthError(isFull ? "store.full" : "store.io", message, { cause, fields: { path: this.path } });
  }
}

function isLeftOver(name: string): boolean {
  const pid = Number(NAME.exec(name)?.[1]);
  if (Number.isNaN(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
