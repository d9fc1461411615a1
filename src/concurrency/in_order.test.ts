import { expect, test } from "vitest";
import { inOrder } from "./in_order.ts";

async function* count(to: number): AsyncGenerator<number> {
  for (let i = 0; i < to; i++) yield i;
}

const pause = (ticks: number): Promise<void> =>
  ticks === 0 ? Promise.resolve() : new Promise((resolve) => setImmediate(() => void pause(ticks - 1).then(resolve)));

test("results come in the order of the items, with no more under way than was said", async () => {
  let [underWay, most] = [0, 0];
  const work = async (item: number): Promise<number> => {
    most = Math.max(most, (underWay += 1));
    await pause(item % 3 === 0 ? 12 : 6);
    underWay -= 1;
    return item * 2;
  };
  const results: number[] = [];
  for await (const result of inOrder(count(20), 4, work)) results.push(result);
  expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i * 2));
  expect(most).toBe(4);
});

test("an error is told when its turn comes, and nothing is left under way", async () => {
  let underWay = 0;
  const work = async (item: number): Promise<number> => {
    underWay += 1;
    await pause(item === 2 ? 0 : 3);
    underWay -= 1;
    if (item === 2) throw new Error("third");
    return item;
  };
  const results: number[] = [];
  const run = async (): Promise<void> => {
    for await (const result of inOrder(count(9), 4, work)) results.push(result);
  };
  await expect(run()).rejects.toThrow("third");
  expect([results, underWay]).toEqual([[0, 1], 0]);
});

test("whoever stops early lets what is under way end, and the items are closed", async () => {
  let isClosed = false;
  let begun = 0;
  async function* items(): AsyncGenerator<number> {
    try {
      yield* count(100);
    } finally {
      isClosed = true;
    }
  }
  for await (const _result of inOrder(items(), 3, async () => void (begun += 1))) break;
  expect([isClosed, begun]).toEqual([true, 3]);
});

test("a signal that aborts ends it also when all items have been begun", async () => {
  const stop = new AbortController();
  const results: number[] = [];
  const run = async (): Promise<void> => {
    for await (const result of inOrder([0, 1, 2, 3], 9, async (item) => item, stop.signal)) {
      results.push(result);
      stop.abort();
    }
  };
  await expect(run()).rejects.toMatchObject({ code: "cancelled" });
  expect(results).toEqual([0]);
});

test("a signal that aborts ends it before the next item", async () => {
  const stop = new AbortController();
  const results: number[] = [];
  const run = async (): Promise<void> => {
    for await (const result of inOrder(count(100), 2, async (item) => item, stop.signal)) {
      results.push(result);
      if (result === 5) stop.abort();
    }
  };
  await expect(run()).rejects.toMatchObject({ code: "cancelled" });
  expect(results).toEqual([0, 1, 2, 3, 4, 5]);
});
