import type { TileSource } from "../../source/index.ts";

interface Shared {
  readonly opening: Promise<TileSource>;
  users: number;
}

/** Opened sources that are kept without a user: who changes a box by hand asks for an estimate each time. */
const MAX_IDLE = 8;

/** Sources by what was asked for; opened once, closed when they were not used for longest. */
export class SharedSources implements AsyncDisposable {
  /** The last used last. */
  readonly #sources = new Map<string, Shared>();

  /** Runs `work` on the source of that key. @throws what `open` and `work` throw */
  async use<Result>(
    key: string,
    open: () => Promise<TileSource>,
    work: (source: TileSource) => Promise<Result>,
  ): Promise<Result> {
    const shared = this.#sources.get(key) ?? { opening: open(), users: 0 };
    this.#sources.delete(key);
    this.#sources.set(key, shared);
    shared.users += 1;
    try {
      return await work(await shared.opening);
    } catch (error) {
      // What could not be opened is tried anew by the next.
      shared.opening.catch(() => this.#forget(key, shared));
      throw error;
    } finally {
      shared.users -= 1;
      await this.#trim();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#sources.values()];
    this.#sources.clear();
    await Promise.allSettled(all.map(async ({ opening }) => (await opening).close()));
  }

  async #trim(): Promise<void> {
    const idle = [...this.#sources].filter(([, { users }]) => users === 0);
    const old = idle.slice(0, Math.max(0, idle.length - MAX_IDLE));
    for (const [key] of old) this.#sources.delete(key);
    await Promise.allSettled(old.map(async ([, { opening }]) => (await opening).close()));
  }

  #forget(key: string, shared: Shared): void {
    if (this.#sources.get(key) === shared) this.#sources.delete(key);
  }
}
