import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { BoundedQueue } from "./bounded_queue.ts";

const closed = { code: "queue.closed" };

describe("BoundedQueue", () => {
  it("makes producers wait while full and consumers while empty, first come, first served", async () => {
    const queue = new BoundedQueue<number>({ maxSize: 2 });
    const puts: number[] = [];
    const putting = [1, 2, 3, 4].map((n) => queue.put(n).then(() => puts.push(n)));
    await flush();
    expect([puts, queue.size]).toEqual([[1, 2], 2]);
    expect([await queue.get(), await queue.get(), await queue.get(), await queue.get()]).toEqual([1, 2, 3, 4]);
    await Promise.all(putting);
    const got = Promise.all([queue.get(), queue.get()]);
    expect([queue.tryPut(5), queue.tryPut(6), queue.size]).toEqual([true, true, 0]);
    expect(await got).toEqual([5, 6]);
  });

  it("bounds the bytes, and lets an item larger than the bound in when it is alone", async () => {
    const queue = new BoundedQueue<string>({ maxSize: 10, maxBytes: 5, sizeOf: (item) => item.length });
    expect([queue.tryPut("abc"), queue.tryPut("def"), queue.sizeBytes]).toEqual([true, false, 3]);
    const large = queue.put("much too large");
    const small = queue.put("x");
    expect([queue.size, queue.tryGet()]).toEqual([1, "abc"]);
    await large;
    expect([queue.size, queue.sizeBytes]).toEqual([1, 14]);
    expect([await queue.get(), await queue.get()]).toEqual(["much too large", "x"]);
    await small;
    expect(queue.sizeBytes).toBe(0);
  });

  it("lets the next producer in when a larger one in front of it gives up", async () => {
    const clock = new FakeClock();
    const queue = new BoundedQueue<string>({ maxSize: 10, maxBytes: 5, sizeOf: (item) => item.length, clock });
    await queue.put("abc");
    const large = expect(queue.put("large", { timeoutMs: 10 })).rejects.toMatchObject({
      code: "timeout",
      fields: { timeoutMs: 10 },
    });
    const small = queue.put("x");
    await clock.advance(10);
    await large;
    await small;
    expect([queue.tryGet(), queue.tryGet(), queue.tryGet()]).toEqual(["abc", "x", undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("gives nothing to a consumer that timed out or was aborted", async () => {
    const clock = new FakeClock();
    const queue = new BoundedQueue<number>({ maxSize: 1, clock });
    const controller = new AbortController();
    const late = expect(queue.get({ timeoutMs: 5 })).rejects.toMatchObject({ code: "timeout" });
    const aborted = expect(queue.get({ signal: controller.signal })).rejects.toMatchObject({ code: "cancelled" });
    const patient = queue.get({ timeoutMs: 100 });
    await clock.advance(5);
    controller.abort();
    queue.tryPut(1);
    expect(await patient).toBe(1);
    await Promise.all([late, aborted]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("does nothing when the signal has aborted before", async () => {
    const queue = new BoundedQueue<number>({ maxSize: 2 });
    const signal = AbortSignal.abort();
    await expect(queue.put(1, { signal })).rejects.toMatchObject({ code: "cancelled" });
    queue.tryPut(2);
    await expect(queue.get({ signal })).rejects.toMatchObject({ code: "cancelled" });
    expect([queue.size, queue.tryGet()]).toEqual([1, 2]);
  });

  it("closes: gives out what it holds, and rejects everybody else", async () => {
    const queue = new BoundedQueue<number>({ maxSize: 1 });
    await queue.put(1);
    const waiting = expect(queue.put(2)).rejects.toMatchObject(closed);
    queue.close();
    queue.close();
    await waiting;
    await expect(queue.put(3)).rejects.toMatchObject(closed);
    expect(() => queue.tryPut(3)).toThrow(expect.objectContaining(closed));
    expect([queue.closed, await queue.get()]).toEqual([true, 1]);
    await expect(queue.get()).rejects.toMatchObject(closed);
    const empty = new BoundedQueue<number>({ maxSize: 1 });
    const getting = expect(empty.get()).rejects.toMatchObject(closed);
    empty.close();
    await getting;
  });

  it("iterates until it is closed and empty, and stops when the signal aborts", async () => {
    const queue = new BoundedQueue<number>({ maxSize: 1 });
    const produced = (async () => {
      for (let n = 0; n < 5; n += 1) await queue.put(n);
      queue.close();
    })();
    const seen: number[] = [];
    for await (const n of queue) seen.push(n);
    await produced;
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    const controller = new AbortController();
    const next = new BoundedQueue<number>({ maxSize: 1 }).values({ signal: controller.signal }).next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ code: "cancelled" });
  });

  it.each([
    [{ maxSize: 0 }, /expected `maxSize` to be an integer from 1 up, got 0/],
    [{ maxSize: 1, maxBytes: 0, sizeOf: () => 1 }, /expected `maxBytes`/],
    [{ maxSize: 1, maxBytes: 9 }, /expected `sizeOf`/],
  ])("refuses %o", (options, message) => {
    expect(() => new BoundedQueue(options)).toThrow(message);
  });

  it("refuses a size that is none and a timeout that is none", async () => {
    const queue = new BoundedQueue<number>({ maxSize: 1, sizeOf: () => Number.NaN });
    await expect(queue.put(1)).rejects.toMatchObject({ code: "argument.invalid" });
    await expect(queue.get({ timeoutMs: -1 })).rejects.toMatchObject({ code: "argument.invalid" });
  });
});

/** One producer or consumer of the property below. */
const actor = fc.record({
  role: fc.constantFrom("put" as const, "get" as const),
  sizeBytes: fc.integer({ min: 0, max: 12 }),
  giveUp: fc.constantFrom("never" as const, "timeout" as const, "abort" as const),
});

describe("BoundedQueue under every interleaving", () => {
  it("loses and doubles nothing, keeps order and bounds, and settles every waiter", async () => {
    const bounds = fc.record({ maxSize: fc.integer({ min: 1, max: 3 }), maxBytes: fc.integer({ min: 1, max: 10 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        bounds,
        fc.array(actor, { maxLength: 24 }),
        async (s, { maxSize, maxBytes }, actors) => {
          const clock = new FakeClock();
          const queue = new BoundedQueue<{ n: number; sizeBytes: number }>({
            maxSize,
            maxBytes,
            sizeOf: (item) => item.sizeBytes,
            clock,
          });
          let calls = 0;
          let settled = 0;
          const accepted: number[] = [];
          const got: number[] = [];
          const check = (): void => {
            expect(queue.size).toBeLessThanOrEqual(maxSize);
            expect(queue.sizeBytes <= maxBytes || queue.size === 1).toBe(true);
          };
          const act = async ({ role, sizeBytes, giveUp }: (typeof actors)[number]): Promise<void> => {
            await s.schedule(Promise.resolve(), `start ${role}`);
            const controller = new AbortController();
            if (giveUp === "abort") void s.schedule(Promise.resolve(), "abort").then(() => controller.abort());
            const options = { signal: controller.signal, timeoutMs: giveUp === "timeout" ? 1 : undefined };
            const n = (calls += 1);
            const ended =
              role === "put"
                ? queue.put({ n, sizeBytes }, options).then(() => accepted.push(n))
                : queue.get(options).then((item) => got.push(item.n));
            check();
            await ended.catch((error: { code: string }) =>
              expect(["timeout", "cancelled", "queue.closed"]).toContain(error.code),
            );
            settled += 1;
            check();
          };
          const all = actors.map(act);
          void s.schedule(Promise.resolve(), "time passes").then(() => clock.advance(1));
          await s.waitIdle();
          await clock.advance(1);
          queue.close();
          for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) got.push(item.n);
          await Promise.all(all);
          expect(settled).toBe(actors.length);
          expect(got).toEqual([...accepted].sort((a, b) => a - b));
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
