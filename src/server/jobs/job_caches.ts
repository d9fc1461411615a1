import { bboxUnion, type LonLatBbox } from "../../geo/index.ts";
import { openCaches } from "../../config/index.ts";
import type { CacheRegistry } from "../served_cache.ts";

/** What a job is about to fill. */
export interface Filling {
  readonly location: string;
  readonly zooms: readonly number[];
  readonly bounds: LonLatBbox;
}

/** Files that jobs write, published while they are filled. */
export class JobCaches {
  readonly #registry: CacheRegistry;
  /** Two jobs may begin to fill one file at once. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(registry: CacheRegistry) {
    this.#registry = registry;
  }

  /** Name under which a file is served; null while it is not. */
  find(location: string): string | null {
    return this.#registry.list().find(({ cache }) => cache.store.location === location)?.name ?? null;
  }

  /** Serves the file, if it is not served yet, with the levels and the area of the job beside those that it has. @throws `store.*` */
  async publish(filling: Filling): Promise<void> {
    const mine = this.#last.catch(() => undefined).then(() => this.#publish(filling));
    this.#last = mine;
    await mine;
  }

  async #publish({ location, zooms, bounds }: Filling): Promise<void> {
    const name = this.find(location) ?? (await this.#open(location));
    const served = name === null ? null : this.#registry.find(name);
    if (served === null) return;
    // A live cache says itself which levels it serves.
    if (served.cache.source !== null) return;
    const isEmpty = (await served.cache.store.listLevels()).length === 0;
    const levels = isEmpty ? zooms : [...zooms, served.minZoom, served.maxZoom];
    this.#registry.update({
      ...served,
      minZoom: Math.min(...levels),
      maxZoom: Math.max(...levels),
      bounds: isEmpty || served.bounds === null ? bounds : bboxUnion(served.bounds, bounds),
      extents: null,
    });
  }

  async #open(location: string): Promise<string | null> {
    const taken = this.#registry.list().map(({ name }) => name);
    const [opened, ...others] = await openCaches([location], undefined, taken);
    for (const cache of [opened, ...others]) if (cache !== undefined) this.#registry.put(cache);
    return opened?.name ?? null;
  }
}
