import { describe, expect, test } from "vitest";
import { submitFake } from "../../../test/support/cluster.ts";
import { FakeSource } from "../../../test/support/fake_source.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { webMercatorQuad } from "../../grid/index.ts";
import { countPlan, planTask } from "../../seed/index.ts";
import { openStore } from "../../store/index.ts";
import { openPostgresBook } from "../book/postgres/postgres_book.ts";
import { ClusterWorker } from "./cluster_worker.ts";

const server = usePostgres();

async function makeCache(name: string): Promise<void> {
  const store = await openStore(`${server().url}?layer=${name}`, { mode: "write", grid: webMercatorQuad() });
  await store.close();
}

describe("workers", () => {
  test("two workers fetch each tile of a seed once, and the store proves it", async () => {
    await makeCache("world");
    const book = await openPostgresBook(server().url);
    const { id, planned } = await submitFake(book);
    const source = new FakeSource();
    const stop = new AbortController();
    const workers = ["one", "two"].map((name) => new ClusterWorker({ book, name, openSource: async () => source }));
    const ended = new Promise<void>((resolve) => {
      void book.listen((event) => {
        if (event?.kind === "state") resolve();
      });
    });
    const running = workers.map((worker) => worker.run(stop.signal));
    await ended;
    stop.abort();
    await Promise.all(running);
    const status = await book.getStatus(id);
    expect(status).toMatchObject({ state: "ended", blocks: { queued: 0, leased: 0, dead: 0 } });
    expect(status.counts).toMatchObject({ present: 0, stored: planned, empty: 0, failed: 0 });
    expect(source.asked).toHaveLength(planned);
    expect(new Set(source.asked).size).toBe(planned);
    const tiles = await book.openTiles("world");
    const plan = planTask(tiles.grid, status.definition.task);
    expect(await countPlan(tiles, plan)).toMatchObject({ planned, present: planned, missing: 0 });
    await tiles.close();
    await book.close();
  });
});
