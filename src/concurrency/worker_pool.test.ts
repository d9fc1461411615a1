import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type * as tasks from "./fixtures/worker_tasks.ts";
import { WorkerPool } from "./worker_pool.ts";
import { workerModuleUrl, workerTask } from "./worker_task.ts";

const module = workerModuleUrl("./fixtures/worker_tasks", import.meta.url);
const add = workerTask<typeof tasks.add>({ module, name: "add" });
const wait = workerTask<typeof tasks.wait>({ module, name: "wait" });
const spin = workerTask<typeof tasks.spin>({ module, name: "spin" });
const whichThread = workerTask<typeof tasks.whichThread>({ module, name: "whichThread" });
const named = (name: string) => workerTask<() => unknown>({ module, name });

describe("WorkerPool", () => {
  it("reuses one thread and starts no second one for calls that follow each other", async () => {
    await using pool = new WorkerPool({ maxThreads: 4 });
    const ids = new Set<number>();
    for (let i = 0; i < 5; i += 1) ids.add(await pool.run(whichThread, []));
    expect([ids.size, pool.threadCount]).toEqual([1, 1]);
  });

  it("starts at most maxThreads and serves the rest in order", async () => {
    await using pool = new WorkerPool({ maxThreads: 2 });
    const ended: number[] = [];
    const runs = [1, 2, 3, 4, 5, 6].map((n) => pool.run(add, [n, 0]).then((sum) => ended.push(sum)));
    expect([pool.threadCount, pool.waiting]).toEqual([2, 4]);
    await Promise.all(runs);
    expect(ended.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(pool.threadCount).toBe(2);
  });

  it("starts all threads ahead of calls, which then find them up", async () => {
    await using pool = new WorkerPool({ maxThreads: 2 });
    const up = pool.warmUp([module]);
    void pool.warmUp([module]);
    expect(pool.threadCount).toBe(2);
    expect(await Promise.all([pool.run(add, [1, 2]), pool.run(add, [3, 4])])).toEqual([3, 7]);
    await up;
    expect(pool.threadCount).toBe(2);
  });

  it("tells of a module that cannot be loaded ahead only whoever calls it", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    await pool.warmUp([new URL("no_such_module.js", module)]);
    expect(await pool.run(add, [1, 2])).toBe(3);
  });

  it("may be closed while threads load modules", async () => {
    const pool = new WorkerPool({ maxThreads: 2 });
    void pool.warmUp([module]);
    await pool.close();
    expect(pool.threadCount).toBe(0);
  });

  it("moves the buffers of arguments and of results", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    const invert = workerTask<typeof tasks.invert>({ module, name: "invert", transfer: (pixels) => [pixels.buffer] });
    const pixels = new Uint8Array([0, 1, 255]);
    expect(await pool.run(invert, [pixels])).toEqual(new Uint8Array([255, 254, 0]));
    expect(pixels.buffer.detached).toBe(true);
    const isDetached = workerTask<typeof tasks.isDetached>({ module, name: "isDetached" });
    const buffer = new ArrayBuffer(8);
    expect(await pool.run(isDetached, [buffer], { transfer: [buffer] })).toBe(false);
    expect(buffer.detached).toBe(true);
  });

  it("brings a TilthError back with its code, and any other error as a cause", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    const typed = { code: "tile.truncated", fields: { sizeBytes: 7 }, cause: "inner" };
    await expect(pool.run(named("failTyped"), [])).rejects.toMatchObject(typed);
    const fail = workerTask<typeof tasks.fail>({ module, name: "fail" });
    await expect(pool.run(fail, ["bad"])).rejects.toMatchObject({
      code: "task.failed",
      message: "bad",
      cause: { name: "RangeError" },
    });
    await expect(pool.run(named("unclonable"), [])).rejects.toMatchObject({
      code: "task.failed",
      cause: { name: "DataCloneError" },
    });
    await expect(pool.run(named("notAFunction"), [])).rejects.toMatchObject({ code: "argument.invalid" });
    const missing = workerTask<() => void>({ module: new URL("./no_such_module.ts", import.meta.url), name: "x" });
    await expect(pool.run(missing, [])).rejects.toMatchObject({
      code: "task.failed",
      message: expect.stringContaining("no_such_module"),
    });
    expect([await pool.run(add, [1, 2]), pool.threadCount]).toEqual([3, 1]);
  });

  it("refuses arguments that cannot be cloned and keeps the thread", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    const any = workerTask<(fn: () => void) => void>({ module, name: "add" });
    await expect(pool.run(any, [() => undefined])).rejects.toMatchObject({ name: "DataCloneError" });
    expect([await pool.run(add, [1, 2]), pool.threadCount]).toEqual([3, 1]);
  });

  it.each([
    ["crash", "nobody catches this"],
    ["eatMemory", "memory"],
  ])("survives %s", async (name, why) => {
    await using pool = new WorkerPool({
      maxThreads: 1,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    });
    await expect(pool.run(named(name), [])).rejects.toMatchObject({
      code: "task.failed",
      message: expect.stringContaining(why),
    });
    expect(await pool.run(add, [1, 2])).toBe(3);
  });

  it("replaces a thread that died while idle", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    expect(await pool.run(named("leaveError"), [])).toBe("fine");
    await expect.poll(() => pool.threadCount, { interval: 5 }).toBe(0);
    expect(await pool.run(add, [1, 2])).toBe(3);
  });

  it("ends the thread of an aborted call, and lets an aborted waiter out of the line", async () => {
    await using pool = new WorkerPool({ maxThreads: 1 });
    await pool.run(add, [0, 0]);
    const running = new AbortController();
    const waiting = new AbortController();
    const spinning = pool.run(spin, [], { signal: running.signal });
    const line = pool.run(add, [1, 1], { signal: waiting.signal });
    const behind = pool.run(add, [2, 2]);
    waiting.abort();
    await expect(line).rejects.toMatchObject({ code: "cancelled" });
    running.abort();
    await expect(spinning).rejects.toMatchObject({ code: "cancelled" });
    expect([await behind, pool.threadCount]).toEqual([4, 1]);
  });

  it("refuses more than maxBacklog waiting calls", async () => {
    await using pool = new WorkerPool({ maxThreads: 1, maxBacklog: 1 });
    const runs = [pool.run(add, [1, 1]), pool.run(add, [2, 2])];
    await expect(pool.run(add, [3, 3])).rejects.toMatchObject({ code: "argument.invalid", fields: { maxBacklog: 1 } });
    expect(await Promise.all(runs)).toEqual([2, 4]);
  });

  it("drains: finishes what it accepted, on the same threads, and takes nothing more", async () => {
    const pool = new WorkerPool({ maxThreads: 1 });
    const runs = [pool.run(wait, [5]), pool.run(whichThread, []), pool.run(whichThread, [])];
    const drained = pool.drain();
    await expect(pool.run(add, [1, 1])).rejects.toMatchObject({ code: "pool.closed" });
    const [first, second, third] = await Promise.all(runs);
    expect([first, second === third]).toEqual(["done", true]);
    await drained;
    expect(pool.threadCount).toBe(0);
  });

  it("closes: running and waiting calls reject, and no thread is left", async () => {
    const pool = new WorkerPool({ maxThreads: 1 });
    const runs = [pool.run(spin, []), pool.run(add, [1, 1])].map((run) =>
      expect(run).rejects.toMatchObject({ code: "pool.closed" }),
    );
    await pool.close();
    await Promise.all(runs);
    expect(pool.threadCount).toBe(0);
  });
});

describe("a process that uses a pool", () => {
  it.each(["completion", "cancel", "idle threads"])("ends by itself after %s", async (scenario) => {
    const script = fileURLToPath(workerModuleUrl("./fixtures/process_that_ends", import.meta.url));
    // Flags of the engine are no flags of a thread: a pool must work beside them.
    const child = spawn(process.execPath, ["--max-old-space-size=256", "--expose-gc", script, scenario], {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: 10_000,
    });
    const out: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on("close", (...ended) => resolve(ended)),
    );
    expect({ exitCode, signal, out: Buffer.concat(out).toString() }).toEqual({
      exitCode: 0,
      signal: null,
      out: `${scenario}: 3\n`,
    });
  });
});
