import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import type * as tasks from "./fixtures/worker_tasks.ts";
import { startSpareThreads } from "./spare_threads.ts";
import { WorkerPool } from "./worker_pool.ts";
import { workerModuleUrl, workerTask } from "./worker_task.ts";

const module = workerModuleUrl("./fixtures/worker_tasks", import.meta.url);
const whichThread = workerTask<typeof tasks.whichThread>({ module, name: "whichThread" });
const exit = workerTask<typeof tasks.exit>({ module, name: "exit" });
const LIMITS = { maxYoungGenerationSizeMb: 9 };

async function threadOf(resourceLimits?: { maxYoungGenerationSizeMb: number }): Promise<number> {
  await using pool = new WorkerPool({ maxThreads: 1, resourceLimits });
  return await pool.run(whichThread, []);
}

it("gives a pool of the same limits the thread that was started before it", async () => {
  const before = await threadOf();
  startSpareThreads(1, LIMITS);
  // Threads are numbered as they are started.
  expect(await threadOf()).toBe(before + 2);
  expect(await threadOf(LIMITS)).toBe(before + 1);
  expect(await threadOf(LIMITS)).toBe(before + 3);
});

it("gives it one that has been up for long, and one that crashes is told as any other", async () => {
  startSpareThreads(1, LIMITS);
  // By then the first one is up: it was started before.
  const other = await threadOf();
  await using pool = new WorkerPool({ maxThreads: 1, resourceLimits: LIMITS });
  expect(await pool.run(whichThread, [])).toBe(other - 1);
  await expect(pool.run(exit, [3])).rejects.toMatchObject({ code: "task.failed", fields: { exitCode: 3 } });
  expect(await pool.run(whichThread, [])).toBe(other + 1);
});

it("keeps no process alive with a thread that nobody takes", () => {
  const url = new URL("./spare_threads.ts", import.meta.url).href;
  const script = `import { startSpareThreads } from ${JSON.stringify(url)}; startSpareThreads(2); console.log("end");`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect([stdout, status]).toEqual(["end\n", 0]);
});
