import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testClusterBook, type OpenClusterBook } from "../../../../test/conformance/cluster_book.ts";
import { usePostgres } from "../../../../test/support/postgres.ts";
import { submitFake } from "../../../../test/support/cluster.ts";
import { webMercatorQuad } from "../../../grid/index.ts";
import { openPostgres } from "../../../postgres/index.ts";
import { openStore } from "../../../store/index.ts";
import type { ClusterBook } from "../cluster_book.ts";
import { cutMore } from "../../worker/cut_more.ts";
import { openPostgresBook } from "./postgres_book.ts";

const server = usePostgres();
let books: ClusterBook[] = [];
let caches = 0;
beforeAll(async () => {
  books = [await openPostgresBook(server().url), await openPostgresBook(server().url)];
}, 60_000);
afterAll(async () => {
  for (const book of books) await book.close();
});

/** Everything that is written down was so much earlier. */
async function age(ms: number): Promise<void> {
  const moved = (...names: string[]): string => names.map((one) => `${one} = ${one} - interval '${ms} ms'`).join(", ");
  await server().run(`UPDATE tilth_jobs.job SET ${moved("heartbeat_on", "start_after")};
    UPDATE tilth_jobs.queue SET ${moved("monitor_on", "monitor_claim_on")}`);
}

async function openBooks(): Promise<OpenClusterBook> {
  await server().run(
    `TRUNCATE tilth.seed, tilth.block, tilth.seed_total, tilth.failed_run; DELETE FROM tilth_jobs.job`,
  );
  const cache = `cache${(caches += 1)}`;
  const tiles = await openStore(`${server().url}?layer=${cache}`, { mode: "write", grid: webMercatorQuad() });
  const [book, other] = books;
  if (book === undefined || other === undefined) throw new Error("expected two books");
  return { book, other, cache, tiles, advance: age, close: () => tiles.close() };
}

testClusterBook("PostgresBook", openBooks);

describe("PostgresBook", () => {
  it("loses no block when its seed is paused in the middle of a claim", async () => {
    const { book, other, cache, tiles } = await openBooks();
    const { id } = await submitFake(book, { zooms: [3], blockTiles: 16, cache });
    await cutMore(book, new Map());
    const database = await openPostgres(server().url);
    // The claim has read which seeds are paused, and waits for the engine's table.
    const claiming = await database.transaction(async (transaction) => {
      await transaction.query("LOCK TABLE tilth_jobs.job IN ACCESS EXCLUSIVE MODE");
      const claimed = book.claim("one");
      const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation IS NOT NULL";
      await expect.poll(() => server().run(waiting)).toHaveLength(1);
      await other.setState(id, "paused");
      return { claimed };
    });
    expect(await claiming.claimed).toBeNull();
    expect((await book.getStatus(id)).blocks).toEqual({ queued: 4, leased: 0, dead: 0, done: 0 });
    await book.setState(id, "running");
    expect((await book.claim("one"))?.attempt).toBe(0);
    await database.close();
    await tiles.close();
  });
});
