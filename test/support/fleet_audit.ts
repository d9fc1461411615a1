import type { BlockLease, ClusterBook } from "../../src/cluster/index.ts";
import type { Clock } from "../../src/core/index.ts";
import { rangeContains, tileToText } from "../../src/grid/index.ts";
import type { TileStore, TileWrite } from "../../src/store/index.ts";
import { count, type FleetOrigin } from "./fleet_origin.ts";
import { wrapStore } from "./wrap_store.ts";

/** Looks at every write of a fleet where it is done: by whom, and what. */
export class FleetAudit {
  readonly faults: string[] = [];
  /** By worker: tiles that were written. */
  readonly written = new Map<string, number>();
  readonly #origin: FleetOrigin;
  readonly #clock: Clock;
  readonly #holders = new Map<string, { worker: string; lease: BlockLease }>();
  readonly #tiles = new Set<string>();

  constructor(origin: FleetOrigin, clock: Clock) {
    this.#origin = origin;
    this.#clock = clock;
  }

  /** Workers that have a block at the moment, killed ones among them. */
  get holders(): ReadonlySet<string> {
    return new Set([...this.#holders.values()].map(({ worker }) => worker));
  }

  storeOf(store: TileStore): TileStore {
    return wrapStore(store, {
      putMany: (writes) => {
        for (const write of writes) this.#check(write);
        return store.putMany(writes);
      },
    });
  }

  bookOf(book: ClusterBook): ClusterBook {
    const closing = <Given extends unknown[]>(
      run: (lease: BlockLease, ...given: Given) => Promise<void>,
    ): ((lease: BlockLease, ...given: Given) => Promise<void>) => {
      return async (lease, ...given) => {
        await run(lease, ...given);
        const holder = this.#holders.get(keyOf(lease));
        if (holder?.lease.jobId === lease.jobId && holder.lease.attempt === lease.attempt)
          this.#holders.delete(keyOf(lease));
      };
    };
    const own: Partial<ClusterBook> = {
      claim: async (worker, without) => {
        const lease = await book.claim(worker, without);
        if (lease !== null) this.#holders.set(keyOf(lease), { worker, lease });
        return lease;
      },
      complete: closing(book.complete.bind(book)),
      giveBack: closing(book.giveBack.bind(book)),
      fail: closing(book.fail.bind(book)),
    };
    return new Proxy(book, {
      get(target, name) {
        const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  #check(write: TileWrite): void {
    const name = tileToText(write.tile);
    const worker = write.kind === "renew" ? "" : (write.sourceId ?? "");
    count(this.written, worker);
    const isHeld = [...this.#holders.values()].some(
      (one) => one.worker === worker && rangeContains(one.lease.range, write.tile),
    );
    if (!isHeld) this.faults.push(`${name} was written by ${worker}, which did not have its block`);
    if (this.#tiles.has(name)) this.faults.push(`${name} was written twice`);
    this.#tiles.add(name);
    const kind = this.#origin.kindOf(write.tile) === "empty" ? "empty" : "tile";
    const text = write.kind === "tile" ? new TextDecoder().decode(write.data) : "";
    if (write.kind !== kind || (kind === "tile" && text !== name))
      this.faults.push(`${name} was written as ${write.kind} '${text}'`);
    const offMs = Math.abs(write.fetchedAtMs - this.#clock.now());
    if (offMs > 60_000) this.faults.push(`${name} is stamped ${offMs} ms beside the time of the cluster`);
  }
}

function keyOf({ seedId, number }: BlockLease): string {
  return `${seedId}:${number}`;
}
