import { expect, test } from "vitest";
import { FakeBook, fakeSeed } from "../../../test/support/fake_book.ts";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { createApp } from "../app.ts";
import { CacheRegistry } from "../served_cache.ts";

test("seeds that are not over and their workers have figures; the books are read once in 5 s", async () => {
  const book = new FakeBook(fakeSeed({ id: "a" }), fakeSeed({ id: "over", state: "ended" }));
  const clock = new FakeClock();
  const app = await createApp({ registry: new CacheRegistry(), cluster: book, clock });
  const scrape = async (): Promise<string[]> => {
    const { statusCode, body } = await app.inject("/metrics");
    expect(statusCode).toBe(200);
    return body.split("\n").filter((line) => line.startsWith("tilth_cluster_"));
  };
  const [lines] = await Promise.all([scrape(), scrape()]);
  expect(lines).toEqual([
    "tilth_cluster_up 1",
    ...[5, 600, 40, 0, 720].map(
      (count, index) =>
        `tilth_cluster_tiles{seed="a",outcome="${["present", "stored", "empty", "failed", "open"][index]}"} ${count}`,
    ),
    'tilth_cluster_rejected_total{seed="a"} 3',
    'tilth_cluster_bytes_total{seed="a"} 900000',
    'tilth_cluster_requests_total{seed="a"} 650',
    'tilth_cluster_retries_total{seed="a"} 7',
    'tilth_cluster_worker_stored{seed="a",worker="east"} 400',
    'tilth_cluster_worker_stored{seed="a",worker="west"} 200',
    'tilth_cluster_worker_tiles_per_second{seed="a",worker="east"} 24',
    'tilth_cluster_worker_tiles_per_second{seed="a",worker="west"} 0',
  ]);
  expect(await scrape()).toEqual(lines);
  expect(book.reads).toBe(1);
  book.database = "away";
  await clock.advance(5000);
  expect(await scrape()).toEqual(["tilth_cluster_up 0"]);
  await app.close();
});
