import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/index.ts";
import { orNull, PARTIAL, writeWholeFile } from "./whole_file.ts";

/** Of an answer, in a file beside it: it is not believed without. */
interface Note {
  readonly bytes: number;
  readonly sha256: string;
  /** Who answered. */
  readonly host: string;
  /** When, UTC milliseconds. */
  readonly atMs: number;
  /** The longest age at which a run wanted to read it. */
  readonly keepMs: number;
}

/** What is asked of whom. */
export interface CellQuestion {
  readonly endpoint: string;
  readonly query: string;
}

export interface CachedAnswer {
  readonly path: string;
  readonly host: string;
}

/** Killed runs leave halves; whoever is at work has written its own within the hour. */
const PARTIAL_AGE_MS = 3_600_000;

/** Answers by service and query, a file each and a note beside it; a cancelled or killed run goes on from them. */
export class CellCache {
  readonly #folder: string;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;

  constructor(folder: string, maxAgeMs: number, clock: Clock) {
    this.#folder = folder;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  /** Null when there is none, an old one, or one that is not as it was written. @throws `store.io` */
  async find(question: CellQuestion): Promise<CachedAnswer | null> {
    const path = this.#pathOf(question);
    const note = await readNote(path);
    if (note === null || this.#clock.now() - note.atMs > this.#maxAgeMs) return null;
    const answer = await orNull(path, readFile(path));
    if (answer === null || answer.byteLength !== note.bytes || sumOf(answer) !== note.sha256) return null;
    if (note.keepMs < this.#maxAgeMs) await writeNote(path, { ...note, keepMs: this.#maxAgeMs });
    return { path, host: note.host };
  }

  /**
   * Keeps an answer when `check` finds it good.
   * @param check is given the path of a copy of it
   * @throws `store.io`, what `check` throws
   */
  async put(
    question: CellQuestion,
    host: string,
    answer: Uint8Array,
    check?: (path: string) => Promise<void>,
  ): Promise<CachedAnswer> {
    const path = this.#pathOf(question);
    await writeWholeFile(path, answer, check);
    const atMs = this.#clock.now();
    const sums = { bytes: answer.byteLength, sha256: sumOf(answer) };
    await writeNote(path, { ...sums, host, atMs, keepMs: this.#maxAgeMs });
    return { path, host };
  }

  /** Deletes what nobody wants to read any more. */
  async prune(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      const path = join(this.#folder, name);
      if (PARTIAL.test(name)) await this.#pruneHalf(path);
      else if (/^[0-9a-f]{64}\.json$/.test(name)) await this.#pruneAnswer(path);
    }
  }

  async #pruneHalf(path: string): Promise<void> {
    const found = await stat(path).catch(() => null);
    // Of the system's clock, as the file's time is.
    if (found !== null && Date.now() - found.mtimeMs > PARTIAL_AGE_MS) await rm(path, { force: true });
  }

  async #pruneAnswer(path: string): Promise<void> {
    const note = await readNote(path);
    const ageMs = this.#clock.now() - (note?.atMs ?? (await stat(path).catch(() => null))?.mtimeMs ?? 0);
    if (ageMs <= Math.max(this.#maxAgeMs, note?.keepMs ?? 0)) return;
    await rm(path, { force: true });
    await rm(notePath(path), { force: true });
  }

  /** How long a query may take, and with how much memory, is no part of what is asked. */
  #pathOf({ endpoint, query }: CellQuestion): string {
    const asked = query.replace(/^\[out:json\][^;]*;/, "");
    return join(this.#folder, `${createHash("sha256").update(`${endpoint}\n${asked}`).digest("hex")}.json`);
  }
}

function notePath(path: string): string {
  return path.replace(/\.json$/, ".note");
}

/** Null also for one that is damaged. */
async function readNote(path: string): Promise<Note | null> {
  const text = await orNull(path, readFile(notePath(path), "utf8"));
  try {
    const note = JSON.parse(text ?? "null") as Note | null;
    const numbers = [note?.bytes, note?.atMs, note?.keepMs];
    return numbers.every(Number.isFinite) && typeof note?.host === "string" ? note : null;
  } catch {
    return null;
  }
}

async function writeNote(path: string, note: Note): Promise<void> {
  await writeWholeFile(notePath(path), JSON.stringify(note));
}

function sumOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
