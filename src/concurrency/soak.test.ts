import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { workerModuleUrl } from "./worker_task.ts";

interface SoakReport {
  succeeded: number;
  failed: number;
  timedOut: number;
  cancelled: number;
  heapGrowthBytes: number;
  handles: string[];
  ms: number;
}

it("runs 100,000 tasks through failures, timeouts, crashes and cancels, and leaves nothing behind", async () => {
  const script = fileURLToPath(workerModuleUrl("./fixtures/soak", import.meta.url));
  // A process of its own: it must end by itself, and an unhandled rejection anywhere in it makes it fail.
  const { stdout } = await promisify(execFile)(process.execPath, [script, "100000", "2000"], { timeout: 28_000 });
  const { heapGrowthBytes, handles, ms: _, ...counts } = JSON.parse(stdout) as SoakReport;
  expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(100_000);
  expect(Object.values(counts).every((n) => n > 100)).toBe(true);
  expect(handles).toEqual([]);
  expect(heapGrowthBytes).toBeLessThan(3_000_000);
});
