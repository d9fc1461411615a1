import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TilthError, type Logger } from "../../core/index.ts";
import { parseRecord, type JobRecord } from "./job_record.ts";
import { TEMPORARY, writeDurably } from "./write_durably.ts";

/** A request may hold a coverage of many corners; a file beyond this was not written here. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** One JSON file for each job, beside it the list of its failed tiles. */
export class JobStore {
  readonly #folder: string;
  readonly #logger: Logger;
  /** Last write of each job that is under way: two of one job never cross. */
  readonly #writes = new Map<string, Promise<void>>();

  private constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** @throws `store.io` */
  static async open(folder: string, logger: Logger): Promise<JobStore> {
    await inWords(mkdir(folder, { recursive: true }));
    return new JobStore(folder, logger);
  }

  /** All jobs. What cannot be read is renamed to `.bad` and told to the logger; what a kill left half-written is removed. */
  async load(): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for (const name of await inWords(readdir(this.#folder))) {
      const path = join(this.#folder, name);
      if (name.endsWith(`.json${TEMPORARY}`) || name.includes(".failing.ndjson")) await inWords(rm(path));
      else if (name.endsWith(".json")) records.push(...(await this.#read(path, name.slice(0, -".json".length))));
    }
    return records.toSorted((a, b) => a.sequence - b.sequence);
  }

  /** @throws `argument.invalid` for an id that is no file name, `store.io`, `store.full` */
  save(record: JobRecord): Promise<void> {
    requireId(record.id);
    return this.#inTurn(record.id, () => writeDurably(this.#jobPath(record.id), JSON.stringify(record)));
  }

  /** The list goes first, so that a kill in between leaves no list without its job. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      await rm(this.failedPath(id), { force: true });
      await rm(this.#jobPath(id), { force: true });
    });
  }

  failedPath(id: string): string {
    return join(this.#folder, `${id}.failed.ndjson`);
  }

  /** The list that a run writes; it takes the other's place when the run has come to its end. */
  failingPath(id: string): string {
    return join(this.#folder, `${id}.failing.ndjson`);
  }

  #jobPath(id: string): string {
    return join(this.#folder, `${id}.json`);
  }

  async #inTurn(id: string, write: () => Promise<void>): Promise<void> {
    const before = this.#writes.get(id) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => inWords(write()));
    this.#writes.set(id, mine);
    try {
      await mine;
    } finally {
      if (this.#writes.get(id) === mine) this.#writes.delete(id);
    }
  }

  async #read(path: string, id: string): Promise<JobRecord[]> {
    try {
      requireId(id);
      const { size } = await stat(path);
      if (size > MAX_FILE_BYTES) throw new TilthError("store.corrupt", `${id}.json has ${size} bytes`);
      return [parseRecord(id, await readFile(path, "utf8"))];
    } catch (error) {
      const kept = await setAside(path);
      this.#logger.warn("Job:SetAside", { file: `${id}.json`, keptAs: kept, reason: messageOf(error) });
      return [];
    }
  }
}

/** An older file that was set aside is kept too. @returns the new name's ending */
async function setAside(path: string): Promise<string> {
  let ending = ".bad";
  for (let count = 2; existsSync(`${path}${ending}`); count += 1) ending = `.${count}.bad`;
  await inWords(rename(path, `${path}${ending}`));
  return ending;
}

function requireId(id: string): void {
  if (!ID.test(id))
    throw new TilthError("argument.invalid", `expected a job's id of 1 to 64 letters, digits, - and _, got '${id}'`);
}

async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    const message = `the folder of the jobs cannot be used: ${messageOf(cause)}`;
    throw new TilthError(full ? "store.full" : "store.io", message, { cause });
  }
}
