import { expect, test } from "vitest";
import { WaitingWork } from "./waiting_work.ts";

test("lets the producer go on up to a limit, then waits for what came first", async () => {
  const waiting = new WaitingWork(10);
  const works = [4, 6, 5].map((sizeBytes) => ({ sizeBytes, ...Promise.withResolvers<void>() }));
  const told: string[] = [];
  const added = (async () => {
    for (const [i, { sizeBytes, promise }] of works.entries()) {
      await waiting.add(sizeBytes, () => promise);
      told.push(`added ${i}`);
    }
    await waiting.end();
    told.push("ended");
  })();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(told).toEqual(["added 0", "added 1"]);
  works[1]?.resolve();
  await turn();
  expect(told).toEqual(["added 0", "added 1"]);
  works[0]?.resolve();
  await turn();
  expect(told).toEqual(["added 0", "added 1", "added 2"]);
  works[2]?.resolve();
  await added;
  expect(told).toEqual(["added 0", "added 1", "added 2", "ended"]);
});

test("tells of a failure with the next work, which is not begun, or at the end", async () => {
  const waiting = new WaitingWork(1000);
  await waiting.add(1, () => Promise.reject(new Error("disk")));
  await expect(waiting.add(1, () => Promise.reject(new Error("not begun")))).rejects.toThrow("disk");
  await expect(waiting.end()).rejects.toThrow("disk");
});
