import { TilthError } from "../core/index.ts";
import type { NamedCache } from "../config/index.ts";

/** A cache as it is published. */
export type ServedCache = NamedCache;

export const CACHE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** One version of a cache; it is closed when it has been replaced and nobody reads it any more. */
interface Version {
  served: ServedCache;
  readers: number;
  retired: boolean;
}

/** The caches of a server by name. A file can be swapped for a newer one under its name: who reads the old one goes on reading it. */
export class CacheRegistry implements AsyncDisposable {
  readonly #versions = new Map<string, Version>();
  readonly #closing = new Set<Promise<void>>();
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` whenever a cache was added, swapped, taken out, or is known better. @returns stops it */
  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** In the order in which they were added. */
  list(): readonly ServedCache[] {
    return [...this.#versions.values()].map(({ served }) => served);
  }

  /** Adds a cache, or takes the place of the one with its name. @throws `argument.invalid` for a name that cannot stand in a URL */
  put(served: ServedCache): void {
    if (!CACHE_NAME.test(served.name)) {
      throw new TilthError(
        "argument.invalid",
        `expected a name of letters, digits, '_', '-' and '.', at most 64, got '${served.name}'`,
      );
    }
    const old = this.#versions.get(served.name);
    this.#versions.set(served.name, { served, readers: 0, retired: false });
    if (old !== undefined) this.#retire(old);
    this.#tell();
  }

  /** Tells anew what is known of a cache (its levels, its bounds); the cache itself stays. */
  update(served: ServedCache): void {
    const version = this.#versions.get(served.name);
    if (version?.served.cache !== served.cache) return;
    version.served = served;
    this.#tell();
  }

  /** Takes a cache out; it is closed when its last reader is done. */
  remove(name: string): void {
    const version = this.#versions.get(name);
    if (version === undefined || !this.#versions.delete(name)) return;
    this.#retire(version);
    this.#tell();
  }

  find(name: string): ServedCache | null {
    return this.#versions.get(name)?.served ?? null;
  }

  /** Runs `read` on the cache of that name, which stays open for as long as it takes. @throws `cache.missing` */
  async use<Result>(name: string, read: (served: ServedCache) => Promise<Result>): Promise<Result> {
    const version = this.#versions.get(name);
    if (version === undefined)
      throw new TilthError(
        "cache.missing",
        `there is no cache '${name.slice(0, 100)}' here; those that there are stand in /api/caches`,
        { fields: { name } },
      );
    version.readers += 1;
    try {
      return await read(version.served);
    } finally {
      version.readers -= 1;
      this.#closeIfUnused(version);
    }
  }

  /** Closes all of them, each after its last reader. */
  async close(): Promise<void> {
    for (const name of this.#versions.keys()) this.remove(name);
    await Promise.all(this.#closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #tell(): void {
    for (const tell of this.#listeners) tell();
  }

  #retire(version: Version): void {
    version.retired = true;
    this.#closeIfUnused(version);
  }

  #closeIfUnused(version: Version): void {
    if (!version.retired || version.readers > 0) return;
    const closing = version.served.cache.close();
    this.#closing.add(closing);
    // Its error is told by `close()`; until then it must not count as unhandled.
    closing.catch(() => undefined);
    void closing.then(
      () => this.#closing.delete(closing),
      () => undefined,
    );
  }
}
