import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { silentLogger, TilthError, type Logger } from "../../core/index.ts";
import { bboxCoverage, planTiles, webMercatorQuad } from "../../grid/index.ts";
import { TileCache } from "../../cache/index.ts";
import { openMemoryStore } from "../../store/index.ts";
import { FakeClock, flush } from "../../../test/support/fake_clock.ts";
import { FakeSource, tileAnswer, type FakeAnswer } from "../../../test/support/fake_source.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { JobRequest, OpenJob } from "./job.ts";
import { JobManager, type JobManagerOptions } from "./job_manager.ts";
import type * as durable from "./write_durably.ts";

/** The disk under the jobs: what `before` throws is what the system says. */
const disk = vi.hoisted(() => ({ before: async (_path: string): Promise<void> => undefined }));
vi.mock("./write_durably.ts", async (importOriginal) => {
  const real = await importOriginal<typeof durable>();
  const writeDurably: typeof real.writeDurably = async (path, text) => {
    await disk.before(path);
    await real.writeDurably(path, text);
  };
  return { ...real, writeDurably };
});

const grid = webMercatorQuad();
const plan = planTiles(grid, bboxCoverage([-180, -90, 180, 90]), [0, 1, 2]);
const folder = useTempFolder();
const request: JobRequest = { source: "named", store: "a.gpkg", zooms: [0, 1, 2], retries: 0 };
const error = vi.fn<Logger["error"]>();
const warn = vi.fn<Logger["warn"]>();

const full = async (): Promise<void> => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
};
const roomy = async (): Promise<void> => undefined;

beforeEach(() => {
  disk.before = roomy;
  error.mockClear();
  warn.mockClear();
});

function openJobWith(answer: () => FakeAnswer): OpenJob {
  return async () => {
    const cache = new TileCache({ store: openMemoryStore({ grid }), source: new FakeSource({ answer }) });
    return { cache, plan, task: null, [Symbol.asyncDispose]: () => cache.close() };
  };
}
const hanging = openJobWith(() => "hang");
const quick = openJobWith(() => tileAnswer({ z: 0, x: 0, y: 0 }));

async function open(more: Partial<JobManagerOptions> = {}): Promise<{ manager: JobManager; clock: FakeClock }> {
  const clock = new FakeClock();
  let count = 0;
  const createId = (): string => `job-${++count}`;
  const logger = { ...silentLogger, error, warn };
  const options = { folder: folder.path("jobs"), openJob: hanging, clock, createId, logger };
  const manager = await JobManager.open({ ...options, ...more });
  onTestFinished(() => manager.close());
  return { manager, clock };
}

const onDisk = (id: string): { state: string; intent: string | null } =>
  JSON.parse(readFileSync(folder.path(`jobs/${id}.json`), "utf8")) as never;
const until = (manager: JobManager, id: string, state: string): Promise<void> =>
  vi.waitFor(() => expect(manager.get(id).state).toBe(state), { timeout: 5000, interval: 2 });
const eventNames = (calls: typeof warn): string[] => calls.mock.calls.map(([event]) => event);

describe("the end of the server", () => {
  test("waits a second for a job that does not heed it; what that does later counts no more, and it goes on after the restart", async () => {
    const gate = Promise.withResolvers<void>();
    const stubborn: OpenJob = async () => {
      await gate.promise;
      throw new TilthError("store.io", "the store was closed under it");
    };
    const { manager, clock } = await open({ openJob: stubborn });
    const { id } = await manager.create(request);
    await until(manager, id, "running");
    await vi.waitFor(() => expect(onDisk(id).state).toBe("running"));
    let closed = false;
    const closing = manager.close().then(() => (closed = true));
    await vi.waitFor(() => expect(onDisk(id).intent).toBe("close"));
    await clock.advance(999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
    expect(eventNames(warn)).toEqual(["Job:StillStopping"]);
    const [before, ids] = [onDisk(id), readFileSync(folder.path("jobs/event_ids"), "utf8")];
    gate.resolve();
    await vi.waitFor(() => expect(eventNames(warn)).toContain("Job:Failed"));
    for (let turn = 0; turn < 20; turn++) await flush();
    expect([onDisk(id), readFileSync(folder.path("jobs/event_ids"), "utf8")]).toEqual([before, ids]);
    expect(clock.pendingTimers).toBe(0);
    const again = await open({ openJob: quick });
    await until(again.manager, id, "done");
  });

  test("does not make a failure of a job that ends in it with an error of its own", async () => {
    let opening = false;
    const breaking: OpenJob = (_request, { signal }) => {
      opening = true;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("socket hang up"))));
    };
    const { manager } = await open({ openJob: breaking });
    const { id } = await manager.create(request);
    await vi.waitFor(() => expect(opening).toBe(true));
    await manager.close();
    expect(onDisk(id)).toMatchObject({ state: "queued", error: null });
  });

  test("waits for a job that is being taken: it is on the disk, and runs after the restart", async () => {
    const { manager } = await open();
    const gate = Promise.withResolvers<void>();
    disk.before = () => gate.promise;
    const creating = manager.create(request);
    let closed = false;
    const closing = manager.close().then(() => (closed = true));
    await expect(manager.create(request)).rejects.toMatchObject({ code: "job.state" });
    for (let turn = 0; turn < 20; turn++) await flush();
    expect(closed).toBe(false);
    gate.resolve();
    const { id } = await creating;
    await closing;
    expect(onDisk(id).state).toBe("queued");
    const again = await open({ openJob: quick });
    await until(again.manager, id, "done");
  });
});

describe("a full disk", () => {
  test("takes no new job, and leaves nothing of it", async () => {
    const { manager } = await open();
    disk.before = full;
    await expect(manager.create(request)).rejects.toMatchObject({ code: "store.full" });
    expect(manager.list()).toEqual([]);
    expect(readdirSync(folder.path("jobs")).filter((name) => name.includes("job-1"))).toEqual([]);
    disk.before = roomy;
    expect((await manager.create(request)).state).toMatch(/queued|running/);
  });

  test.each(["when there is room again", "at the end"])(
    "does not lose a cancel: it is written %s, and told once",
    async (when) => {
      const { manager, clock } = await open();
      const { id } = await manager.create(request);
      await until(manager, id, "running");
      await vi.waitFor(() => expect(onDisk(id).state).toBe("running"));
      disk.before = full;
      expect((await manager.cancel(id)).state).toBe("cancelled");
      await clock.advance(10_000);
      expect([onDisk(id).state, eventNames(error)]).toEqual(["running", ["Job:NotSaved"]]);
      disk.before = roomy;
      if (when === "at the end") await manager.close();
      else await clock.advance(2000);
      await vi.waitFor(() => expect(onDisk(id)).toMatchObject({ state: "cancelled", intent: null }));
      await manager.close();
      expect(clock.pendingTimers).toBe(0);
      const again = await open({ openJob: quick });
      expect(again.manager.get(id).state).toBe("cancelled");
    },
  );

  test("leaves a job that waits as it is when it cannot be cancelled", async () => {
    const { manager } = await open({ maxRunning: 1 });
    const first = await manager.create(request);
    const second = await manager.create({ ...request, store: "b.gpkg" });
    await until(manager, first.id, "running");
    disk.before = full;
    await expect(manager.cancel(second.id)).rejects.toMatchObject({ code: "store.full" });
    expect(manager.get(second.id).state).toBe("queued");
    disk.before = roomy;
    await manager.cancel(first.id);
    await until(manager, second.id, "running");
  });

  test("keeps a server neither from starting nor from ending", async () => {
    const before = await open();
    const { id } = await before.manager.create(request);
    await until(before.manager, id, "running");
    await before.manager.close();
    disk.before = full;
    const { manager } = await open({ onRestart: "pause" });
    expect(manager.get(id).state).toBe("paused");
    await manager.close();
    disk.before = roomy;
    expect(onDisk(id).state).toBe("queued");
  });
});

test("a folder that is gone under a server: jobs under way end, new ones are refused, and it ends", async () => {
  const gate = Promise.withResolvers<void>();
  const waiting: OpenJob = async (asked, options) => {
    const opened = await quick(asked, options);
    await gate.promise;
    return opened;
  };
  const { manager } = await open({ openJob: waiting });
  const { id } = await manager.create(request);
  await until(manager, id, "running");
  renameSync(folder.path("jobs"), folder.path("elsewhere"));
  writeFileSync(folder.path("jobs"), "a file");
  await expect(manager.create(request)).rejects.toMatchObject({ code: "store.io" });
  gate.resolve();
  await vi.waitFor(() => expect(["done", "failed"]).toContain(manager.get(id).state));
  expect(eventNames(error)).toContain("Job:NotSaved");
  await manager.close();
});

test("a file that cannot take the other's place leaves nothing beside it", async () => {
  const { writeDurably } = await vi.importActual<typeof durable>("./write_durably.ts");
  mkdirSync(folder.path("taken.json/within"), { recursive: true });
  await expect(writeDurably(folder.path("taken.json"), "{}")).rejects.toThrow();
  expect(readdirSync(folder.path("."))).toEqual(["taken.json"]);
});
