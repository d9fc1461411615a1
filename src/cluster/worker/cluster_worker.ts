import {
  abortable,
  isCancelled,
  messageOf,
  silentLogger,
  sleep,
  systemClock,
  throwIfAborted,
  whenAborted,
  type Clock,
  type Logger,
} from "../../core/index.ts";
import type { AreaPlan } from "../../grid/index.ts";
import type { BlockLease, ClusterBook, ClusterEvent } from "../book/cluster_book.ts";
import { saveTask } from "../../seed/index.ts";
import { clusterReport } from "../seed_report.ts";
import { cutMore } from "./cut_more.ts";
import { LeaseKeeper } from "./lease_keeper.ts";
import { OpenSeeds, type OpenSeedSource, type SeedHere } from "./open_seeds.ts";
import { runBlock, type BlockOutcome } from "./run_block.ts";
import { Bell } from "./bell.ts";

export interface ClusterWorkerOptions {
  readonly book: ClusterBook;
  /** Unique in the cluster; shown in progress and metrics. */
  readonly name: string;
  readonly openSource: OpenSeedSource;
  /** Blocks at a time: with two, the last slow tiles of one do not leave the network idle. @default 2 */
  readonly blocks?: number;
  readonly onBlock?: (lease: BlockLease, outcome: BlockOutcome) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly random?: () => number;
}

/** Longest wait before the queue is looked at again, though nobody has said that there is work, ms. */
const POLL_MS = 2000;
/** Wait while the database is away, ms. */
const AWAY_MS = 1000;
/** Time that a seed is left to others after its source could not be opened here, ms. */
const AVOID_MS = 60_000;

/** Works on the blocks of a cluster's seeds, whichever they are, until it is told to stop. */
export class ClusterWorker {
  readonly #options: Required<Omit<ClusterWorkerOptions, "onBlock">> & Pick<ClusterWorkerOptions, "onBlock">;
  readonly #bell = new Bell();
  readonly #plans = new Map<string, AreaPlan>();
  /** Seeds whose source could not be opened here, and until when they are left alone (monotonic ms). */
  readonly #avoided = new Map<string, number>();

  constructor(options: ClusterWorkerOptions) {
    this.#options = {
      blocks: 2,
      clock: systemClock,
      logger: silentLogger,
      random: Math.random,
      ...options,
    };
  }

  /** Resolves when the signal has aborted and every block is given back. The database may go away and come back meanwhile. */
  async run(signal: AbortSignal): Promise<void> {
    const { book, name, openSource, blocks, clock, logger } = this.#options;
    const seeds = new OpenSeeds(book, openSource, signal);
    const keeper = new LeaseKeeper({ book, worker: name, clock, logger, listFigures: () => seeds.listFigures() });
    const onEvent = (event: ClusterEvent | null): void => {
      if (event?.kind !== "state") this.#bell.ring();
      if (event?.kind !== "work") keeper.lookNow();
    };
    const listening = await book.listen(onEvent);
    const stopRinging = whenAborted(signal, () => this.#bell.ring());
    try {
      const keeping = keeper.run();
      await Promise.all(Array.from({ length: blocks }, () => this.#work(seeds, keeper, signal)));
      await keeper.stop();
      await keeping;
    } finally {
      stopRinging();
      await listening[Symbol.asyncDispose]();
      await seeds.close();
    }
  }

  async #work(seeds: OpenSeeds, keeper: LeaseKeeper, signal: AbortSignal): Promise<void> {
    await abortable(keeper.heard, signal).catch(() => undefined);
    while (!signal.aborted) {
      try {
        const lease = await this.#nextBlock(signal);
        await this.#runLease(seeds, keeper, lease, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.logger.warn("Worker:Away", { error: messageOf(error) });
        await sleep(AWAY_MS, { clock: this.#options.clock, signal }).catch(() => undefined);
      }
    }
  }

  /** Waits for a block. @throws CancelledError */
  async #nextBlock(signal: AbortSignal): Promise<BlockLease> {
    const { book, name, clock, random } = this.#options;
    for (;;) {
      throwIfAborted(signal);
      const rung = this.#bell.count;
      // Before the claim: the last waiting block should not be the moment when everybody waits for the next ones.
      await cutMore(book, this.#plans);
      const lease = await book.claim(name, this.#listAvoided());
      if (lease !== null) return lease;
      await this.#bell.after(rung, POLL_MS * (0.75 + random() / 2), { clock, signal });
    }
  }

  async #runLease(seeds: OpenSeeds, keeper: LeaseKeeper, lease: BlockLease, signal: AbortSignal): Promise<void> {
    const { book, clock, logger, random, onBlock } = this.#options;
    using kept = keeper.keep(lease, signal);
    const taken = await this.#openSeed(seeds, lease);
    if (taken === null) return onBlock?.(lease, "failed");
    const { here, giveBack } = taken;
    let stopWatching: (() => void) | null = null;
    try {
      const { outcome, error } = await runBlock({
        book,
        lease,
        open: here,
        offsetMs: () => keeper.offsetMs,
        signal: kept.signal,
        clock,
        random,
        onStart: (read) => (stopWatching = here.figures.watch(read)),
      });
      if (outcome === "failed" || outcome === "lost")
        logger.warn(outcome === "lost" ? "Block:Lost" : "Block:Failed", { block: lease, error });
      if (outcome === "done") await this.#noteEnd(here);
      onBlock?.(lease, outcome);
    } finally {
      (stopWatching as (() => void) | null)?.();
      giveBack();
    }
  }

  /** The report of a seed that has ended lies beside its task, where that of every seed does. */
  async #noteEnd({ seed, tiles }: SeedHere): Promise<void> {
    const { book, clock } = this.#options;
    if ((await book.getSeed(seed.id)).state !== "ended") return;
    const report = clusterReport(await book.getStatus(seed.id));
    await saveTask(tiles, seed.definition.task, report, clock.now());
  }

  /** null when its source cannot be opened here: perhaps another worker has the key that is missing. */
  async #openSeed(seeds: OpenSeeds, lease: BlockLease): Promise<{ here: SeedHere; giveBack: () => void } | null> {
    const { book, clock, logger } = this.#options;
    try {
      return await seeds.take(lease.seedId);
    } catch (error) {
      if (isCancelled(error)) await book.giveBack(lease);
      else {
        logger.error("Seed:CannotOpen", { seedId: lease.seedId, error: messageOf(error) });
        this.#avoided.set(lease.seedId, clock.monotonicMs() + AVOID_MS);
        await book.fail(lease, error);
      }
      return null;
    }
  }

  #listAvoided(): string[] {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, untilMs] of this.#avoided) if (untilMs <= nowMs) this.#avoided.delete(id);
    return [...this.#avoided.keys()];
  }
}
