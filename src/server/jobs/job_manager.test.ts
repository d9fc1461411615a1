import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { silentLogger, TilthError, type Logger } from "../../core/index.ts";
import { bboxCoverage, planTiles, webMercatorQuad } from "../../grid/index.ts";
import { TileCache, type TileStore } from "../../cache/index.ts";
import { planFailedList } from "../../seed/index.ts";
import { openMemoryStore } from "../../store/index.ts";
import { FakeClock, flush } from "../../../test/support/fake_clock.ts";
import { FakeSource, tileAnswer, type FakeAnswer } from "../../../test/support/fake_source.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { JobEvent, JobRequest, JobState, OpenJob } from "./job.ts";
import { JobManager, type JobManagerOptions } from "./job_manager.ts";
import { JOB_STATES } from "./job_states.ts";

const grid = webMercatorQuad();
/** 1 + 4 + 16 tiles. */
const plan = planTiles(grid, bboxCoverage([-180, -90, 180, 90]), [0, 1, 2]);
const folder = useTempFolder();
const request = (store = "a.gpkg"): JobRequest => ({ source: "named", store, zooms: [0, 1, 2], retries: 0 });

/** Stores by name that outlive a manager, as files do; a second writer at one time is found out. */
class World {
  answer: (attempt: number, x: number) => FakeAnswer = () => "hang";
  readonly stores = new Map<string, TileStore>();
  readonly writing = new Map<string, number>();
  mostOnOneStore = 0;
  readonly sources: FakeSource[] = [];
  readonly order: string[] = [];

  readonly openJob: OpenJob = async ({ store: name }, { failed }) => {
    const store = this.stores.get(name) ?? openMemoryStore({ grid });
    this.stores.set(name, store);
    const source = new FakeSource({
      answer: (tile, attempt) => {
        const answer = this.answer(attempt, tile.x);
        return answer === "hang" || answer instanceof Error ? answer : tileAnswer(tile);
      },
    });
    this.sources.push(source);
    this.order.push(name);
    this.#write(name, 1);
    const cache = new TileCache({ store, source });
    const planned = failed === null ? plan : await planFailedList(failed);
    return { cache, plan: planned, task: null, [Symbol.asyncDispose]: async () => this.#write(name, -1) };
  };

  #write(name: string, change: number): void {
    const now = (this.writing.get(name) ?? 0) + change;
    this.writing.set(name, now);
    this.mostOnOneStore = Math.max(this.mostOnOneStore, now);
  }
}

const tile: FakeAnswer = tileAnswer({ z: 0, x: 0, y: 0 });
const refused = new TilthError("http.status", "403 from the host", { fields: { status: 403 } });

async function open(world: World, more: Partial<JobManagerOptions> = {}): Promise<JobManager> {
  let count = 0;
  const createId = (): string => `job-${++count}`;
  const options = { folder: folder.path("jobs"), openJob: world.openJob, clock: new FakeClock(), createId };
  const manager = await JobManager.open({ ...options, ...more });
  onTestFinished(() => manager.close());
  return manager;
}

const untilState = (manager: JobManager, id: string, ...states: JobState[]) =>
  vi.waitFor(() => expect(states).toContain(manager.get(id).state), { timeout: 5000, interval: 2 });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: TilthError) => error.code,
  );

const ACTIONS = ["pause", "resume", "cancel", "retryFailed", "remove"] as const;

async function jobIn(state: JobState, manager: JobManager, world: World): Promise<string> {
  if (state === "done") world.answer = () => tile;
  if (state === "incomplete") world.answer = () => refused;
  if (state === "queued") await manager.create(request("b.gpkg"));
  const { id } = await manager.create(request(state === "queued" ? "b.gpkg" : "a.gpkg"));
  if (state === "paused") await manager.pause(id);
  if (state === "cancelled") await manager.cancel(id);
  await untilState(manager, id, state);
  return id;
}

/** What each action leads to; a dash: refused. Written down by hand from the words of the server's guide. */
const TABLE: Record<JobState, Record<(typeof ACTIONS)[number], JobState | "-" | "gone">> = {
  queued: { pause: "paused", resume: "-", cancel: "cancelled", retryFailed: "-", remove: "-" },
  running: { pause: "paused", resume: "-", cancel: "cancelled", retryFailed: "-", remove: "-" },
  paused: { pause: "-", resume: "running", cancel: "cancelled", retryFailed: "-", remove: "-" },
  done: { pause: "-", resume: "-", cancel: "-", retryFailed: "-", remove: "gone" },
  incomplete: { pause: "-", resume: "-", cancel: "-", retryFailed: "running", remove: "gone" },
  failed: { pause: "-", resume: "running", cancel: "-", retryFailed: "-", remove: "gone" },
  cancelled: { pause: "-", resume: "running", cancel: "-", retryFailed: "-", remove: "gone" },
};

describe("states", () => {
  for (const state of JOB_STATES) {
    test.each(ACTIONS)(`${state}: %s`, async (action) => {
      const world = new World();
      let broken = state === "failed";
      const openJob: OpenJob = (asked, options) =>
        broken ? Promise.reject(new TilthError("store.full", "no space")) : world.openJob(asked, options);
      const manager = await open(world, { openJob });
      const id = await jobIn(state, manager, world);
      broken = false;
      world.answer = () => "hang";
      const expected = TABLE[state][action];
      if (expected === "-") {
        await expect(manager[action](id)).rejects.toMatchObject({ code: "job.state", fields: { state, action } });
        expect(manager.get(id).state).toBe(state);
        return;
      }
      await manager[action](id);
      expect(manager.find(id)?.state ?? "gone").toBe(expected);
    });
  }

  test("an unknown id is told as such", async () => {
    const manager = await open(new World());
    for (const action of ACTIONS) expect(await codeOf(manager[action]("nobody"))).toBe("job.missing");
    expect(manager.find("nobody")).toBeUndefined();
  });

  test("pause rests with what was fetched, resume does not fetch it again", async () => {
    const world = new World();
    world.answer = (_attempt, x) => (x === 0 ? tile : "hang");
    const manager = await open(world);
    const { id } = await manager.create(request());
    await vi.waitFor(() => expect(world.sources[0]?.inFlight).toBe(8));
    const paused = await manager.pause(id);
    expect(world.writing.get("a.gpkg")).toBe(0);
    expect(paused).toMatchObject({ state: "paused", planned: 21, report: { stopped: "cancelled" }, endedAtMs: null });
    const stored = paused.report?.stored ?? 0;
    expect(stored).toBeGreaterThan(0);
    world.answer = () => tile;
    await manager.resume(id);
    await untilState(manager, id, "done");
    expect(manager.get(id).report).toMatchObject({ present: stored, stored: 21 - stored, complete: true });
    expect(world.sources[1]?.asked).toHaveLength(21 - stored);
  });
});

describe("failed tiles", () => {
  test("are listed in pages and asked for alone; a retry that is paused keeps the list", async () => {
    const world = new World();
    // Columns 2 and 3 of zoom 2: 8 of 21 tiles.
    world.answer = (_attempt, x) => (x >= 2 ? refused : tile);
    const manager = await open(world);
    const { id } = await manager.create(request());
    await untilState(manager, id, "incomplete");
    expect(manager.get(id).report).toMatchObject({ failed: 8, stored: 13, failures: { "http.status": 8 } });
    const first = await manager.listFailed(id, { limit: 5 });
    const second = await manager.listFailed(id, { limit: 5, after: first.next ?? -1 });
    expect([first.failed.length, second.failed.length, second.next]).toEqual([5, 3, null]);
    expect(first.failed[0]).toMatchObject({ z: 2, code: "http.status", message: "403 from the host" });
    expect(await codeOf(manager.listFailed(id, { after: 3 }))).toBe("argument.invalid");
    world.answer = () => "hang";
    await manager.retryFailed(id);
    await vi.waitFor(() => expect(world.sources[1]?.inFlight).toBe(8));
    await manager.pause(id);
    expect((await manager.listFailed(id)).failed).toHaveLength(8);
    world.answer = () => tile;
    await manager.resume(id);
    await untilState(manager, id, "done");
    expect(world.sources[2]?.asked).toHaveLength(8);
    expect((await manager.listFailed(id)).failed).toEqual([]);
  });
});

describe("the queue", () => {
  test("two at once in their order; never two on one store, and others overtake", async () => {
    const world = new World();
    const manager = await open(world);
    const ids: string[] = [];
    for (const store of ["a", "./a", "b", "c"]) ids.push((await manager.create(request(store))).id);
    await vi.waitFor(() => expect(world.order).toEqual(["a", "b"]));
    expect(ids.map((id) => manager.get(id).state)).toEqual(["running", "queued", "running", "queued"]);
    await manager.cancel(ids[0] ?? "");
    await vi.waitFor(() => expect(world.order).toEqual(["a", "b", "./a"]));
    expect(manager.get(ids[3] ?? "").state).toBe("queued");
    expect(world.mostOnOneStore).toBe(1);
  });

  test("a thousand jobs end; the next ones push out the oldest, and unended ones are a limit", async () => {
    const world = new World();
    world.answer = () => tile;
    const manager = await open(world, { maxRunning: 4 });
    for (let index = 0; index < 1000; index += 1) await manager.create(request(`${index % 7}`));
    await vi.waitFor(() => expect(manager.list({ state: "done", limit: 1000 })).toHaveLength(1000), {
      timeout: 60_000,
    });
    expect(world.mostOnOneStore).toBe(1);
    await manager.create(request());
    expect(manager.find("job-1")).toBeUndefined();
    expect(manager.list({ limit: 2 }).map(({ id }) => id)).toEqual(["job-1001", "job-1000"]);
    expect(manager.list({ limit: 1, after: "job-1000" })[0]?.id).toBe("job-999");
  }, 90_000);

  test("jobs that have not ended are a limit", async () => {
    const manager = await open(new World(), { maxJobs: 2 });
    const many = [1, 2, 3].map(() => codeOf(manager.create(request())));
    expect((await Promise.all(many)).filter((code) => code === "job.tooMany")).toHaveLength(1);
    expect(manager.list()).toHaveLength(2);
  });
});

describe("a restart", () => {
  test.each([
    ["resume", "running", "queued"],
    ["pause", "paused", "paused"],
  ] as const)("%s: what ran and what waited", async (onRestart, first, second) => {
    const world = new World();
    const manager = await open(world);
    await manager.create(request());
    await manager.create(request());
    await manager.close();
    expect(await codeOf(manager.create(request()))).toBe("job.state");
    const again = await open(world, { onRestart });
    expect(["job-1", "job-2"].map((id) => again.get(id).state)).toEqual([first, second]);
  });

  test("what cannot be read is set aside and told, and the rest is there", async () => {
    const world = new World();
    const before = await open(world);
    await before.create(request());
    await before.create(request());
    await before.close();
    writeFileSync(folder.path("jobs/job-2.json"), '{"version":1,"id":"job-2"');
    writeFileSync(folder.path("jobs/package.json"), '{"name":"foreign"}');
    writeFileSync(folder.path("jobs/package.json.bad"), "older");
    writeFileSync(folder.path("jobs/job-9.json.tmp"), "{");
    const warn = vi.fn<Logger["warn"]>();
    const manager = await open(world, { logger: { ...silentLogger, warn } });
    expect(manager.list().map(({ id }) => id)).toEqual(["job-1"]);
    expect(warn.mock.calls.map(([event, fields]) => `${event} ${String(fields?.["file"])}`).toSorted()).toEqual([
      "Job:SetAside job-2.json",
      "Job:SetAside package.json",
    ]);
    expect(readFileSync(folder.path("jobs/package.json.2.bad"), "utf8")).toBe('{"name":"foreign"}');
    expect(readdirSync(folder.path("jobs"))).not.toContain("job-9.json.tmp");
  });
});

describe("events", () => {
  test("ids go up by one, over a restart too; a watcher goes on where it left", async () => {
    const world = new World();
    const seen: JobEvent[] = [];
    const manager = await open(world);
    manager.subscribe(() => {
      throw new Error("a watcher of its own mind");
    });
    manager.subscribe((event) => seen.push(event));
    const { id } = await manager.create(request());
    await manager.cancel(id);
    await manager.remove(id);
    expect(seen.map((event) => [event.id, event.job.state, event.removed])).toEqual([
      [1, "queued", false],
      [2, "running", false],
      [3, "cancelled", false],
      [4, "cancelled", true],
    ]);
    const replayed: number[] = [];
    manager.subscribe((event) => replayed.push(event.id), { afterId: 2 });
    expect(replayed).toEqual([3, 4]);
    await manager.close();
    const again = await open(world);
    again.subscribe((event) => replayed.push(event.id));
    await again.create(request());
    expect(replayed.slice(2, 3)).toEqual([5]);
  });

  test("progress is told at most four times a second, and only when it moved", async () => {
    const world = new World();
    const clock = new FakeClock();
    const manager = await open(world, { clock });
    await manager.create(request());
    await vi.waitFor(() => expect(world.sources[0]?.inFlight).toBe(8));
    const seen: JobEvent[] = [];
    manager.subscribe((event) => seen.push(event));
    await clock.advance(10_000);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.job.progress).toMatchObject({ planned: 21, done: 0 });
    await manager.close();
    await flush();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("secrets", () => {
  test.each(["https://me:hush-hush@host/{z}/{x}/{y}", "https://host/{z}/{x}/{y}?api_key=hush-hush"])(
    "%s is refused, and nothing of it is kept or told",
    async (source) => {
      const manager = await open(new World());
      const error: unknown = await manager.create({ ...request(), source }).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "source.invalid" });
      expect(String(error)).not.toContain("hush");
      expect(manager.list()).toEqual([]);
      expect(readdirSync(folder.path("jobs")).filter((name) => name.endsWith(".json"))).toEqual([]);
    },
  );

  test("a name in the place of a key is kept as it is", async () => {
    const world = new World();
    const manager = await open(world);
    const source = "https://host/{z}/{x}/{y}?api_key={MY_KEY}";
    const { id } = await manager.create({ ...request(), source });
    expect(JSON.parse(readFileSync(folder.path(`jobs/${id}.json`), "utf8"))).toMatchObject({ request: { source } });
  });
});
