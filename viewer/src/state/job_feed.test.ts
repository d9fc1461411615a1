import { expect, test } from "vitest";
import type { Job, JobState } from "../api/job_types.ts";
import { JobFeed } from "./job_feed.ts";
import { putJob } from "./job_list.ts";
import { Signal } from "./signal.ts";

const job = (id: string, state: JobState, createdAtMs = 1): Job => ({
  id,
  request: { source: "https://tiles.test/{z}/{x}/{y}", zooms: [0] },
  cache: null,
  state,
  actions: [],
  createdAtMs,
  startedAtMs: null,
  endedAtMs: null,
  planned: null,
  progress: null,
  report: null,
  error: null,
});

function startFeed(...jobs: Job[]) {
  const list = new Signal<readonly Job[]>(jobs);
  const feed = new JobFeed(list);
  return { feed, read: () => list.value.map(({ id, state }) => `${id} ${state}`) };
}

const takeAll = (_: readonly Job[], jobs: readonly Job[]): readonly Job[] => jobs;

test("a list that was read while a job ran does not undo its end", async () => {
  const { feed, read } = startFeed(job("a", "running"));
  const answer = Promise.withResolvers<Job[]>();
  const asked = feed.ask(() => answer.promise, takeAll);
  feed.hear({ kind: "job", job: job("a", "incomplete") });
  answer.resolve([job("a", "running"), job("b", "queued")]);
  await asked;
  expect(read()).toEqual(["a incomplete", "b queued"]);
});

test("nor does the answer to a start undo what the job did since", async () => {
  const { feed, read } = startFeed();
  const answer = Promise.withResolvers<Job>();
  const asked = feed.ask(() => answer.promise, putJob);
  feed.hear({ kind: "job", job: job("a", "running") });
  feed.hear({ kind: "job", job: job("a", "done") });
  answer.resolve(job("a", "queued"));
  expect((await asked).state).toBe("queued");
  expect(read()).toEqual(["a done"]);
});

test("jobs that came or went while a list was under way are there or gone", async () => {
  const { feed, read } = startFeed(job("old", "done"));
  const answer = Promise.withResolvers<Job[]>();
  const asked = feed.ask(() => answer.promise, takeAll);
  feed.hear({ kind: "removed", id: "old" });
  feed.hear({ kind: "job", job: job("new", "queued", 2) });
  answer.resolve([job("old", "done")]);
  await asked;
  expect(read()).toEqual(["new queued"]);
});

test("what was told before a request, or before one that failed, is not told again", async () => {
  const { feed, read } = startFeed(job("a", "running"));
  await expect(feed.ask(() => Promise.reject(new Error("no line")), takeAll)).rejects.toThrow("no line");
  feed.hear({ kind: "job", job: job("a", "paused") });
  await feed.ask(() => Promise.resolve([job("a", "queued")]), takeAll);
  expect(read()).toEqual(["a queued"]);
});
