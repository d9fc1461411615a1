import { expect, test } from "vitest";
import { submitFake } from "../../../test/support/cluster.ts";
import { EventClock } from "../../../test/support/event_clock.ts";
import { FakeSource } from "../../../test/support/fake_source.ts";
import { WorkerClock } from "../../../test/support/worker_clock.ts";
import { TilthError } from "../../core/index.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { openMemoryStore } from "../../store/index.ts";
import { MemoryBook } from "../book/memory/memory_book.ts";
import { ClusterWorker } from "./cluster_worker.ts";

test("a worker whose clock is wrong stamps no tile before the books have told it the time", async () => {
  const clock = new EventClock();
  const tiles = openMemoryStore({ grid: webMercatorQuad() });
  const book = new MemoryBook({ clock, caches: new Map([["world", tiles]]) });
  const { id, planned } = await submitFake(book, { zooms: [0, 1, 2] });
  const report = book.report.bind(book);
  let reports = 0;
  book.report = async (said) => {
    reports += 1;
    if (reports === 1) throw new TilthError("postgres.unreachable", "cut");
    return report(said);
  };
  const skewed = new WorkerClock(clock, -5 * 3_600_000);
  const stop = new AbortController();
  const source = new FakeSource();
  const worker = new ClusterWorker({ book, name: "one", clock: skewed, openSource: async () => source });
  const running = worker.run(stop.signal);
  const isDone = (): boolean => source.asked.length === planned && source.inFlight === 0;
  expect(await clock.runUntil(isDone, 60_000)).toBe(true);
  await clock.runUntil(() => false, clock.monotonicMs() + 5000);
  expect((await book.getSeed(id)).state).toBe("ended");
  const off = [];
  for await (const { fetchedAtMs } of tiles.list()) off.push(Math.abs(fetchedAtMs - clock.now()));
  expect(off).toHaveLength(planned);
  expect(Math.max(...off)).toBeLessThan(60_000);
  stop.abort();
  await running;
});

test("a worker that is stopped before the books have answered ends", async () => {
  const clock = new EventClock();
  const book = new MemoryBook({ clock, caches: new Map() });
  book.report = () => Promise.reject(new TilthError("postgres.unreachable", "cut"));
  const stop = new AbortController();
  const openSource = (): Promise<FakeSource> => Promise.resolve(new FakeSource());
  const running = new ClusterWorker({ book, name: "one", clock, openSource }).run(stop.signal);
  await clock.runUntil(() => false, 5000);
  stop.abort();
  await running;
  expect(clock.monotonicMs()).toBeGreaterThan(0);
});
