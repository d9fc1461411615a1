import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import type { FakeSource } from "../../../test/support/fake_source.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { openSlowJobs } from "./fixtures/slow_jobs.ts";
import { JobManager } from "./job_manager.ts";

const TILES = 1365;
const folder = useTempFolder();

/** Kills a server of jobs `afterMs` after it told of its first stored tiles. @returns its last event and what it told as stored */
async function killedAfter(afterMs: number): Promise<{ lastEvent: number; stored: Map<string, number> }> {
  const script = fileURLToPath(new URL("./fixtures/run_until_killed.ts", import.meta.url));
  const child = spawn(process.execPath, [script, folder.path("")], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const stored = new Map<string, number>();
  let lastEvent = 0;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [event, id = "", count] = line.split(" ");
    lastEvent = Number(event);
    stored.set(id, Math.max(stored.get(id) ?? 0, Number(count)));
  });
  try {
    const sum = (): number => [...stored.values()].reduce((total, count) => total + count, 0);
    await vi.waitFor(() => expect(sum()).toBeGreaterThan(0), { timeout: 15_000, interval: 5 });
    await wait(afterMs);
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
  return { lastEvent, stored };
}

describe("a server that is killed", () => {
  test.each([0, 130, 700])(
    "%i ms after its first tiles: every job goes on, and nothing is fetched twice",
    async (ms) => {
      const { lastEvent, stored } = await killedAfter(ms);
      const sources: FakeSource[] = [];
      const openJob = openSlowJobs(folder.path(""), 0, sources);
      await using manager = await JobManager.open({ folder: folder.path("jobs"), openJob });
      const events: number[] = [];
      manager.subscribe(({ id }) => events.push(id));
      expect(manager.list().map(({ state }) => state)).toEqual(["running", "queued", "running"]);
      await vi.waitFor(() => expect(manager.list({ state: "done" })).toHaveLength(3), { timeout: 30_000 });
      expect(events[0]).toBeGreaterThan(lastEvent);
      const [last, second, first] = manager.list();
      for (const job of [last, first]) {
        expect(job?.report?.present).toBeGreaterThanOrEqual(stored.get(job?.id ?? "") ?? 0);
        expect(job?.report).toMatchObject({ complete: true, stored: TILES - (job?.report?.present ?? 0) });
      }
      expect(second?.report).toMatchObject({ present: TILES, stored: 0 });
      const asked = sources.reduce((sum, source) => sum + source.asked.length, 0);
      expect(asked).toBe((first?.report?.stored ?? 0) + (last?.report?.stored ?? 0));
    },
    60_000,
  );

  test("jobs that are to wait after a restart are paused", async () => {
    await killedAfter(0);
    const openJob = openSlowJobs(folder.path(""), 0);
    await using manager = await JobManager.open({ folder: folder.path("jobs"), openJob, onRestart: "pause" });
    expect(manager.list().map(({ state }) => state)).toEqual(["paused", "paused", "paused"]);
  }, 60_000);
});
