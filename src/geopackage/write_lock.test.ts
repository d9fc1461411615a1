import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";

const folder = useTempFolder();

test("a lock that is taken and given back by many threads has one owner at a time", async () => {
  const owners = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { path: folder.path("a.db"), owners, untilMs: Date.now() + 1500 };
  const module = new URL("./fixtures/contend_for_lock.ts", import.meta.url);
  const results = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const worker = new Worker(module, { workerData });
      const [[result]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
      return result as { taken: number; shared: number };
    }),
  );
  expect(results.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(20);
  expect(results.map(({ shared }) => shared)).toEqual([0, 0, 0, 0]);
}, 20_000);
