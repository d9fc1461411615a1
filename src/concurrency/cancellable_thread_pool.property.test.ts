import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { CancelledError, isTilthError, type TilthError } from "../core/index.ts";
import { CancellableThreadPool } from "./cancellable_thread_pool.ts";
import type { TaskReport } from "./task_batch.ts";

const TIMEOUT_MS = 10;

const scenario = fc.record({
  maxWorkers: fc.integer({ min: 1, max: 4 }),
  kinds: fc.array(
    fc.constantFrom("succeed" as const, "fail" as const, "throw" as const, "ignore" as const, "child" as const),
    {
      maxLength: 20,
    },
  ),
  cancels: fc.boolean(),
});

type Kind = "succeed" | "fail" | "throw" | "ignore" | "child";

/** The pool under test, with books of its own that do not trust it. */
class Trial {
  readonly clock = new FakeClock();
  readonly pool: CancellableThreadPool;
  readonly startOrder: number[] = [];
  readonly outcomes = new Map<number, unknown>();
  readonly progress: number[] = [];
  submitted = 0;
  readonly #scheduler: fc.Scheduler;
  readonly #maxWorkers: number;
  #active = 0;

  constructor(scheduler: fc.Scheduler, maxWorkers: number) {
    this.#scheduler = scheduler;
    this.#maxWorkers = maxWorkers;
    this.pool = new CancellableThreadPool({ maxWorkers, timeout: TIMEOUT_MS, clock: this.clock });
  }

  submit(kind: Kind): void {
    const n = this.submitted;
    this.submitted += 1;
    this.pool
      .submitTask((signal) => this.#task(signal, kind, n))
      .then(
        (result) => this.outcomes.set(n, { result }),
        (error: unknown) => this.outcomes.set(n, { error }),
      );
  }

  #task(signal: AbortSignal, kind: Kind, n: number): Promise<number> {
    this.startOrder.push(n);
    this.#active += 1;
    expect(this.#active).toBeLessThanOrEqual(this.#maxWorkers);
    let active = true;
    const leave = (): void => {
      if (active) this.#active -= 1;
      active = false;
    };
    signal.addEventListener("abort", leave);
    if (kind === "throw") {
      leave();
      throw new Error(`thrown ${n}`);
    }
    return this.#work(kind, n, leave);
  }

  async #work(kind: Kind, n: number, leave: () => void): Promise<number> {
    if (kind === "ignore") return new Promise(() => undefined);
    await this.#scheduler.schedule(Promise.resolve(), `task ${n}`);
    leave();
    if (kind === "fail") throw new Error(`failed ${n}`);
    if (kind === "child") this.#submitChild();
    return n;
  }

  #submitChild(): void {
    try {
      this.submit("succeed");
    } catch (error) {
      this.submitted -= 1;
      expect(isTilthError(error, "pool.closed")).toBe(true);
    }
  }
}

/** Lets scheduled tasks and timeouts happen until nothing is left of either. */
async function runOut(s: fc.Scheduler, trial: Trial): Promise<void> {
  do {
    await s.waitIdle();
    await trial.clock.advance(TIMEOUT_MS);
  } while (trial.pool.running > 0);
}

describe("CancellableThreadPool under every interleaving", () => {
  it("loses no task and no place, keeps the order and the bound, and settles everything", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scenario, async (s, { maxWorkers, kinds, cancels }) => {
        const trial = new Trial(s, maxWorkers);
        const { pool, outcomes, startOrder } = trial;
        for (const kind of kinds) trial.submit(kind);
        const ended = pool
          .waitCompletion({ onProgress: (done) => trial.progress.push(done) })
          .catch((error: TilthError) => error);
        if (cancels) void s.schedule(Promise.resolve(), "cancel").then(() => pool.cancel());
        await runOut(s, trial);
        const end = await ended;
        const report =
          end instanceof CancelledError ? (end as CancelledError<TaskReport>).partial : (end as TaskReport);
        const settled = [...outcomes]
          .sort(([a], [b]) => a - b)
          .map(([, outcome]) => outcome as { result?: number; error?: TilthError });
        expect(outcomes.size).toBe(trial.submitted);
        expect(startOrder).toEqual(startOrder.toSorted((a, b) => a - b));
        expect(report?.results).toEqual(settled.flatMap(({ result }) => (result === undefined ? [] : [result])));
        expect(report?.errors.map(({ error }) => error)).toEqual(
          settled.flatMap(({ error }) => (error === undefined || isTilthError(error, "cancelled") ? [] : [error])),
        );
        if (!cancels) expect((report?.results.length ?? 0) + (report?.errors.length ?? 0)).toBe(trial.submitted);
        expect(trial.progress).toEqual(trial.progress.toSorted((a, b) => a - b));
        expect([pool.running, pool.waiting, trial.clock.pendingTimers]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
