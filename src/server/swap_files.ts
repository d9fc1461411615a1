import { readStamp, sameStamp, type FileStamp } from "../config/index.ts";
import { CancelledError, isCancelled, messageOf, sleep, type Clock, type Logger } from "../core/index.ts";
import type { CacheRegistry, ServedCache } from "./served_cache.ts";

export interface SwapFilesOptions {
  readonly registry: CacheRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** True while a job of this server writes the file. */
  readonly isWritten: (location: string) => boolean;
}

/** Between two looks at all files; each costs a `stat`. */
const LOOK_EVERY_MS = 1000;

/**
 * Publishes files anew that somebody has replaced on the disk. One is opened when two looks have found it the same, beside the old version,
 * which goes on being served until the new one is open, and stays when it cannot be opened.
 */
export class SwapFiles implements AsyncDisposable {
  readonly #options: SwapFilesOptions;
  readonly #stop = new AbortController();
  /** What the last look found, of files that differ from those that are served; by cache. */
  readonly #found = new Map<string, FileStamp | null>();
  /** What was refused already, and told. */
  readonly #refused = new Map<string, FileStamp | null>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: SwapFilesOptions) {
    this.#options = options;
  }

  /** Looks again and again until it is disposed of. */
  start(): void {
    this.#running = this.#run();
  }

  /** One look at every file. Never rejects. */
  async look(): Promise<void> {
    for (const served of this.#options.registry.list())
      if (served.file !== undefined && !this.#stop.signal.aborted) await this.#lookAt(served);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new CancelledError("the server ends"));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      for (;;) {
        await sleep(LOOK_EVERY_MS, { clock, signal: this.#stop.signal });
        await this.look();
      }
    } catch (error) {
      if (!isCancelled(error)) logger.error("Cache:WatchBroken", { error });
    }
  }

  async #lookAt(served: ServedCache): Promise<void> {
    const { name, cache, file } = served;
    const now = await readStamp(cache.store.location);
    const opened = file?.stamp ?? null;
    if (sameStamp(now, opened) || this.#isOwnWrite(served, now)) {
      this.#found.delete(name);
      return;
    }
    const settled = this.#found.has(name) && sameStamp(now, this.#found.get(name) ?? null);
    this.#found.set(name, now);
    const known = this.#refused.has(name) && sameStamp(now, this.#refused.get(name) ?? null);
    if (settled && !known) await this.#swap(served, now);
  }

  #isOwnWrite({ cache, file }: ServedCache, now: FileStamp | null): boolean {
    return now?.identity === file?.stamp?.identity && this.#options.isWritten(cache.store.location);
  }

  async #swap(old: ServedCache, now: FileStamp | null): Promise<void> {
    const { registry, logger } = this.#options;
    const { name } = old;
    try {
      const reopened = await old.file?.reopen(this.#stop.signal);
      if (reopened === undefined) return;
      // Taken out or swapped meanwhile, or the server ends: nobody wants it any more.
      if (this.#stop.signal.aborted || registry.find(name)?.cache !== old.cache) return await reopened.cache.close();
      registry.put(reopened);
      logger.info("Cache:Reopened", { cache: name });
    } catch (error) {
      if (isCancelled(error)) return;
      this.#refused.set(name, now);
      logger.warn("Cache:KeptOld", { cache: name, reason: messageOf(error) });
    }
  }
}
