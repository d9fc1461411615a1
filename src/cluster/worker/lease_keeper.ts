import { CancelledError, messageOf, TilthError, type Clock, type Logger } from "../../core/index.ts";
import type { BlockLease, ClusterBook, WorkerOrders } from "../book/cluster_book.ts";
import { Bell } from "./bell.ts";
import type { SeedFigures } from "./seed_figures.ts";

export interface LeaseKeeperOptions {
  readonly book: Pick<ClusterBook, "report" | "tidy">;
  readonly worker: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly listFigures: () => Promise<SeedFigures[]>;
}

/** A third of what the books bear: two reports may be lost. */
const REPORT_MS = 3000;

interface KeptLease {
  readonly lease: BlockLease;
  readonly stop: AbortController;
}

/** Tells the books every few seconds that this worker lives, and stops the work on blocks that are not its own any more. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #kept = new Set<KeptLease>();
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  readonly #heard = Promise.withResolvers<void>();
  #offsetMs = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
  }

  /** Resolves when the clock of the cluster is known: nothing may be stamped before. */
  get heard(): Promise<void> {
    return this.#heard.promise;
  }

  /** Clock of the cluster less that of this machine, ms. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Keeps a lease until it is disposed; `signal` aborts when it is lost, when its seed stops, or with the caller's. */
  keep(lease: BlockLease, signal: AbortSignal): { readonly signal: AbortSignal; [Symbol.dispose](): void } {
    const kept = { lease, stop: new AbortController() };
    this.#kept.add(kept);
    return {
      signal: AbortSignal.any([kept.stop.signal, signal]),
      [Symbol.dispose]: () => void this.#kept.delete(kept),
    };
  }

  /** Reports without waiting for the next time: a seed has been stopped, perhaps. */
  lookNow(): void {
    this.#bell.ring();
  }

  async run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      const rung = this.#bell.count;
      await this.#report();
      await this.#bell.after(rung, REPORT_MS, { clock, signal: this.#stop.signal });
    }
  }

  /** A last report, so that no figure is missing. */
  async stop(): Promise<void> {
    this.#stop.abort(new CancelledError());
    await this.#report();
  }

  async #report(): Promise<void> {
    const { book, worker, clock, logger, listFigures } = this.#options;
    try {
      const figures = (await listFigures()).map((one) => one.read(clock.monotonicMs()));
      const leases = [...this.#kept].map(({ lease }) => lease);
      const orders = await book.report({ worker, leases, seeds: figures.map((one) => one.figures) });
      for (const { told } of figures) told();
      this.#offsetMs = orders.nowMs - clock.now();
      this.#heard.resolve();
      this.#obey(orders);
      await book.tidy();
    } catch (error) {
      // The database is away: what is written now waits for it, and the leases are still ours or not when it is back.
      logger.warn("Worker:NoReport", { error: messageOf(error) });
    }
  }

  #obey({ lost, stopped }: WorkerOrders): void {
    const isLost = new Set(lost.map(attemptOf));
    for (const { lease, stop } of this.#kept) {
      if (stopped.includes(lease.seedId)) stop.abort(new CancelledError("the seed was stopped"));
      else if (isLost.has(attemptOf(lease)))
        stop.abort(new TilthError("cluster.leaseLost", "the block was given to another worker"));
    }
  }
}

/** This worker may have a block again that it had lost. */
function attemptOf({ jobId, attempt }: BlockLease): string {
  return `${jobId}/${attempt}`;
}
