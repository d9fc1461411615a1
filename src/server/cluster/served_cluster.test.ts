import { expect, test } from "vitest";
import { FakeBook, fakeSeed } from "../../../test/support/fake_book.ts";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { ServedCluster } from "./served_cluster.ts";

function make(): { book: FakeBook; clock: FakeClock; cluster: ServedCluster } {
  const book = new FakeBook(fakeSeed());
  const clock = new FakeClock();
  return { book, clock, cluster: new ServedCluster(book, clock) };
}

test("a list is read once for all who ask at a time, and again when it is too old for who asks", async () => {
  const { book, clock, cluster } = make();
  await Promise.all([cluster.list(0), cluster.list(0), cluster.list(5000)]);
  expect(book.reads).toBe(1);
  await clock.advance(1500);
  await cluster.list(5000);
  expect(book.reads).toBe(1);
  await cluster.list(1000);
  expect(book.reads).toBe(2);
  expect(clock.pendingTimers).toBe(0);
});

test("after a change the list is read anew", async () => {
  const { cluster, book } = make();
  const [seed] = await cluster.list(5000);
  const { status } = await cluster.setState(seed?.id ?? "", "paused");
  expect(status.state).toBe("paused");
  expect((await cluster.list(5000)).map(({ state }) => state)).toEqual(["paused"]);
  expect(book.reads).toBe(2);
});

test("a database that is away is asked as seldom as one that answers, and is there again after that", async () => {
  const { book, clock, cluster } = make();
  book.database = "away";
  for (let turn = 0; turn < 3; turn++)
    await expect(cluster.list(5000)).rejects.toMatchObject({ code: "postgres.unreachable" });
  expect(book.reads).toBe(1);
  book.database = "up";
  await clock.advance(5000);
  expect(await cluster.list(5000)).toHaveLength(1);
});

test("nobody waits for a database that says nothing", async () => {
  const { book, clock, cluster } = make();
  book.database = "silent";
  const asked = Promise.allSettled([cluster.list(0), cluster.show("a"), cluster.retry("a")]);
  await clock.advance(8000);
  const reason = expect.objectContaining({ code: "postgres.unreachable" });
  expect(await asked).toEqual([1, 2, 3].map(() => ({ status: "rejected", reason })));
  expect(clock.pendingTimers).toBe(0);
});
