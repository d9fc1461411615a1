import type { Clock } from "../../../core/index.ts";
import type { MemoryBlock, MemoryJob, MemorySeed } from "./memory_seed.ts";

/** A worker that says nothing for so long has lost its blocks. */
const SILENCE_MS = 10_000;
const MAX_ATTEMPTS = 9;
const RETRY_DELAY_MS = 1000;
const MAX_RETRY_DELAY_MS = 300_000;
const LOST = "lost with its worker, again and again";

/** The jobs of all blocks: who is next, who is silent, who has failed too often. */
export class MemoryQueue {
  readonly #clock: Clock;
  readonly #random: () => number;
  #jobs = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  newJob(): MemoryJob {
    const order = (this.#jobs += 1);
    const now = this.#clock.monotonicMs();
    return { id: `job-${order}`, order, begun: 0, isActive: false, readyAtMs: now, heardAtMs: now };
  }

  /** The oldest block that is ready, in a worker's hands from now on. */
  take(seeds: Iterable<MemorySeed>): { seed: MemorySeed; block: MemoryBlock } | null {
    const now = this.#clock.monotonicMs();
    let first: { seed: MemorySeed; block: MemoryBlock } | null = null;
    for (const seed of seeds)
      for (const block of seed.blocks.values())
        if (isReady(block, now) && (first === null || block.job.order < first.block.job.order)) first = { seed, block };
    if (first === null) return null;
    const { job } = first.block;
    Object.assign(job, { begun: job.begun + 1, isActive: true, heardAtMs: now });
    return first;
  }

  touch({ job }: MemoryBlock): void {
    job.heardAtMs = this.#clock.monotonicMs();
  }

  isSilent({ job }: MemoryBlock): boolean {
    return job.isActive && job.heardAtMs + SILENCE_MS < this.#clock.monotonicMs();
  }

  /** To be tried again later, twice as late each time. @returns false when the block is dead */
  fail(block: MemoryBlock): boolean {
    const { job } = block;
    job.isActive = false;
    if (job.begun < MAX_ATTEMPTS) {
      const delayMs = RETRY_DELAY_MS * 2 ** (job.begun - 1) * (1 + this.#random());
      job.readyAtMs = this.#clock.monotonicMs() + Math.min(MAX_RETRY_DELAY_MS, delayMs);
      return true;
    }
    Object.assign(block, { state: "dead", attempt: null, worker: null, error: block.error ?? LOST });
    return false;
  }
}

function isReady({ state, job }: MemoryBlock, nowMs: number): boolean {
  return state !== "dead" && !job.isActive && job.readyAtMs <= nowMs;
}
