import type { FailedRun } from "../../seed/index.ts";
import type { ApiContext } from "../context.ts";
import type { ServedCache } from "../served_cache.ts";

/** Runs of failed tiles that are looked at for one cache; a list beyond that is mostly one host that is down. */
const MAX_RUNS = 20_000;
/** Lists are read again after this, ms: watchers ask once a second. */
const KEPT_MS = 1_000;
/** Jobs whose lists are read: the last ones. */
const MAX_JOBS = 20;

/** Tiles that the jobs of a cache could not fetch, out of their lists. */
export class FailedTiles {
  readonly #context: ApiContext;
  readonly #kept = new Map<string, { readonly atMs: number; readonly runs: Promise<readonly FailedRun[]> }>();

  constructor(context: ApiContext) {
    this.#context = context;
  }

  /** @throws `store.corrupt`, `store.io` */
  async of(served: ServedCache): Promise<readonly FailedRun[]> {
    const { clock, jobs } = this.#context;
    if (jobs === null) return [];
    const { location } = served.cache.store;
    const kept = this.#kept.get(location);
    if (kept !== undefined && clock.monotonicMs() - kept.atMs < KEPT_MS) return kept.runs;
    const runs = this.#read(location);
    this.#kept.set(location, { atMs: clock.monotonicMs(), runs });
    // Who asks hears of it; the next one tries anew.
    runs.catch(() => this.#kept.delete(location));
    return runs;
  }

  async #read(location: string): Promise<FailedRun[]> {
    const { jobs, workspace } = this.#context;
    const runs: FailedRun[] = [];
    if (jobs === null || workspace === null) return runs;
    const own = jobs.manager
      .list({ limit: 1000 })
      .filter(({ request }) => workspace.locate(request.store) === location);
    for (const { id } of own.slice(0, MAX_JOBS)) {
      for (let after: number | null = 0; after !== null && runs.length < MAX_RUNS;) {
        const page: Awaited<ReturnType<typeof jobs.manager.listFailed>> = await jobs.manager.listFailed(id, {
          limit: 1000,
          after,
        });
        runs.push(...page.failed);
        after = page.next;
      }
    }
    return runs.slice(0, MAX_RUNS);
  }
}
