import { closeSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Float64Column, messageOf, TilthError } from "../../core/index.ts";
import { PAGE_LOCATIONS, type LocationFileView } from "./location_pages.ts";

const NAME = /^tilth-locations-(\d+)-\d+$/;
let made = 0;

/** Records that do not fit into memory, one behind the other; gone with `close`. */
export class LocationFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #firstIds = new Float64Column();
  #count = 0;

  /** Removes what processes that were killed left in the folder. @throws `store.io` */
  constructor(folder: string) {
    for (const name of readdirSync(folder)) if (isLeftOver(name)) rmSync(join(folder, name), { force: true });
    this.#path = join(folder, `tilth-locations-${process.pid}-${++made}`);
    this.#descriptor = openSync(this.#path, "wx", 0o600);
  }

  /** @param records of 16 bytes, by ascending id @throws `store.full`, `store.io` */
  add(records: Uint8Array, ids: Float64Array): void {
    try {
      for (let written = 0; written < records.byteLength;) written += writeSync(this.#descriptor, records, written);
    } catch (cause) {
      const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
      const message = `could not write the places of nodes to ${this.#path}: ${messageOf(cause)}`;
      throw new TilthError(isFull ? "store.full" : "store.io", message, { cause, fields: { path: this.#path } });
    }
    for (let i = 0; i < ids.length; i++)
      if ((this.#count + i) % PAGE_LOCATIONS === 0) this.#firstIds.push(ids[i] as number);
    this.#count += ids.length;
  }

  view(): LocationFileView {
    const firstIds = new Float64Array(new SharedArrayBuffer(this.#firstIds.length * 8));
    firstIds.set(this.#firstIds.take());
    return { path: this.#path, count: this.#count, firstIds };
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#path, { force: true });
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
