import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/index.ts";
import { orNull, writeWholeFile } from "./whole_file.ts";

/** Answers by query, one file each; a cancelled or killed run goes on from them. */
export class CellCache {
  readonly #folder: string;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;

  constructor(folder: string, maxAgeMs: number, clock: Clock) {
    this.#folder = folder;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  /** Path of the answer; null when there is none, or an old one. */
  async find(query: string): Promise<string | null> {
    const path = this.#pathOf(query);
    const found = await orNull(path, stat(path));
    return found !== null && this.#clock.now() - found.mtimeMs <= this.#maxAgeMs ? path : null;
  }

  /** @returns its path */
  async put(query: string, answer: Uint8Array): Promise<string> {
    const path = this.#pathOf(query);
    await writeWholeFile(path, answer, this.#clock.now());
    return path;
  }

  async read(path: string): Promise<string> {
    return readFile(path, "utf8");
  }

  /** Deletes what is too old. */
  async prune(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names.filter((each) => /^[0-9a-f]{64}\.json(?:\.partial)?$/.test(each))) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && this.#clock.now() - found.mtimeMs > this.#maxAgeMs) await rm(path, { force: true });
    }
  }

  #pathOf(query: string): string {
    return join(this.#folder, `${createHash("sha256").update(query).digest("hex")}.json`);
  }
}
