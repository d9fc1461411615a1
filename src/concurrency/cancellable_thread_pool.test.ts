import { describe, expect, it } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { CancelledError, isTilthError } from "../core/index.ts";
import { CancellableThreadPool } from "./cancellable_thread_pool.ts";
import type * as tasks from "./fixtures/worker_tasks.ts";
import type { TaskReport } from "./task_batch.ts";
import { workerModuleUrl, workerTask } from "./worker_task.ts";

const module = workerModuleUrl("./fixtures/worker_tasks", import.meta.url);
const add = workerTask<typeof tasks.add>({ module, name: "add" });
const spin = workerTask<typeof tasks.spin>({ module, name: "spin" });
const exit = workerTask<typeof tasks.exit>({ module, name: "exit" });
const whichThread = workerTask<typeof tasks.whichThread>({ module, name: "whichThread" });

const never = (): Promise<never> => new Promise(() => undefined);

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("expected a rejection"),
    (error: unknown) => error,
  );
}

describe("CancellableThreadPool on the event loop", () => {
  it("gives results in submission order, whatever order the tasks end in", async () => {
    const clock = new FakeClock();
    await using pool = new CancellableThreadPool({ maxWorkers: 3, clock });
    const later = (_: AbortSignal, ms: number): Promise<number> =>
      new Promise((resolve) => clock.setTimer(() => resolve(ms), ms));
    for (const ms of [30, 10, 20]) void pool.submitTask(later, ms);
    const seen: [number, number][] = [];
    const completion = pool.waitCompletion({ onProgress: (done, total) => seen.push([done, total]) });
    await clock.advance(30);
    expect(await completion).toEqual({ results: [30, 10, 20], errors: [] });
    expect(seen).toEqual([[1, 3], [2, 3], [3, 3]]); // prettier-ignore
  });

  it("reports each failure with its index, task and arguments", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 2 });
    const failing = (_: AbortSignal, why: string): never => {
      throw new RangeError(why);
    };
    void pool.submitTask(async () => "a");
    const own = pool.submitTask(failing, "because");
    // What foreign code rejects with need not be an Error.
    const foreign: unknown = "no Error";
    void pool.submitTask(() => Promise.reject(foreign));
    const { results, errors } = await pool.waitCompletion();
    expect(results).toEqual(["a"]);
    expect(errors[0]).toMatchObject({ index: 1, task: failing, args: ["because"], error: { message: "because" } });
    expect(errors[1]).toMatchObject({ index: 2, error: { code: "task.failed", cause: "no Error" } });
    await expect(own).rejects.toThrow(RangeError);
  });

  it("frees the place of a task that ignores its signal after its timeout", async () => {
    const clock = new FakeClock();
    await using pool = new CancellableThreadPool({ maxWorkers: 1, timeout: 100, clock });
    let signal: AbortSignal | undefined;
    void pool.submitTask((given) => {
      signal = given;
      return never();
    });
    void pool.submitTask(async () => "next");
    const completion = pool.waitCompletion();
    await clock.advance(99);
    expect([pool.running, pool.waiting, signal?.aborted]).toEqual([1, 1, false]);
    await clock.advance(1);
    expect(await completion).toMatchObject({
      results: ["next"],
      errors: [{ index: 0, error: { code: "timeout", fields: { timeoutMs: 100 } } }],
    });
    expect(signal?.aborted).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  it("counts the timeout from the start of a task, not from its submission", async () => {
    const clock = new FakeClock();
    await using pool = new CancellableThreadPool({ maxWorkers: 1, timeout: 100, clock });
    const later = (): Promise<string> => new Promise((resolve) => clock.setTimer(() => resolve("in time"), 80));
    void pool.submitTask(later);
    void pool.submitTask(later);
    const completion = pool.waitCompletion();
    await clock.advance(160);
    expect(await completion).toEqual({ results: ["in time", "in time"], errors: [] });
  });

  it("waits for tasks that running tasks submit, and takes a next lot afterwards", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 1 });
    void pool.submitTask(async () => {
      void pool.submitTask(async () => "child");
      return "parent";
    });
    expect((await pool.waitCompletion()).results).toEqual(["parent", "child"]);
    expect(await pool.waitCompletion()).toEqual({ results: [], errors: [] });
    void pool.submitTask(async () => "second lot");
    expect((await pool.waitCompletion()).results).toEqual(["second lot"]);
  });

  it("hands on what onProgress throws, and still runs the tasks", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 1 });
    const last = [1, 2].map((n) => pool.submitTask(async () => n)).at(-1);
    const thrown = await rejection(pool.waitCompletion({ onProgress: () => { throw new Error("listener"); } })); // prettier-ignore
    expect(thrown).toMatchObject({ message: "listener" });
    expect(await last).toBe(2);
  });
});

describe("CancellableThreadPool.cancel", () => {
  it("starts nothing more, aborts what runs, and keeps every result", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 2 });
    let reason: unknown;
    let started = 0;
    void pool.submitTask(async () => "kept");
    void pool.submitTask((signal) => {
      signal.addEventListener("abort", () => (reason = signal.reason));
      return never();
    });
    void pool.submitTask(never);
    const waiting = pool.submitTask(async () => (started += 1));
    await flush();
    const completion = pool.waitCompletion();
    pool.cancel("enough");
    const error = await rejection(completion);
    expect(error).toBeInstanceOf(CancelledError);
    expect((error as CancelledError<TaskReport>).partial).toEqual({ results: ["kept"], errors: [] });
    expect(error).toMatchObject({ message: "cancelled: enough", cause: "enough" });
    expect(isTilthError(reason, "cancelled")).toBe(true);
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    expect([started, pool.running, pool.waiting]).toEqual([0, 0, 0]);
  });

  it("refuses tasks afterwards, also after disposal", async () => {
    const pool = new CancellableThreadPool({ maxWorkers: 1 });
    await pool[Symbol.asyncDispose]();
    expect(() => pool.submitTask(never)).toThrow(expect.objectContaining({ code: "pool.closed" }));
    await expect(pool.waitCompletion()).rejects.toMatchObject({ code: "cancelled" });
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses maxWorkers %s", (maxWorkers) => {
    expect(() => new CancellableThreadPool({ maxWorkers })).toThrow(
      /expected `maxWorkers` to be an integer from 1 up, got/,
    );
  });
});

describe("CancellableThreadPool on threads", () => {
  it("mixes threads and functions within one bound", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 2 });
    void pool.submitTask(add, 1, 2);
    void pool.submitTask(async () => "loop");
    void pool.submitTask(add, 3, 4);
    expect(pool.running).toBe(2);
    expect((await pool.waitCompletion()).results).toEqual([3, "loop", 7]);
  });

  it("ends an endless loop at its timeout and replaces the thread", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 1, timeout: 150 });
    void pool.submitTask(spin);
    void pool.submitTask(add, 1, 1);
    const { results, errors } = await pool.waitCompletion();
    expect(results).toEqual([2]);
    expect(errors).toMatchObject([{ index: 0, error: { code: "timeout" } }]);
  });

  it("counts a crash against its own task only", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 1 });
    void pool.submitTask(whichThread);
    void pool.submitTask(exit, 3);
    void pool.submitTask(whichThread);
    const { results, errors } = await pool.waitCompletion();
    expect(new Set(results).size).toBe(2);
    expect(errors).toMatchObject([
      { index: 1, args: [3], error: { code: "task.failed", fields: { exitCode: 3, name: "exit" } } },
    ]);
  });

  it("cancels an endless loop at once", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 2 });
    void pool.submitTask(spin);
    void pool.submitTask(add, 1, 1).then(() => pool.cancel());
    const error = await rejection(pool.waitCompletion());
    expect(error).toMatchObject({ code: "cancelled", partial: { results: [2], errors: [] } });
  });
});

describe("the type of submitTask", () => {
  it("comes from the task, and wrong arguments do not compile", async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: 1 });
    const sum: number = await pool.submitTask(add, 1, 2);
    const text: string = await pool.submitTask(async (_signal, name: string) => `hello ${name}`, "you");
    // @ts-expect-error the task takes a number
    const wrong = pool.submitTask(async (_signal, n: number) => n, "one");
    expect([sum, text, await wrong]).toEqual([3, "hello you", "one"]);
  });
});
