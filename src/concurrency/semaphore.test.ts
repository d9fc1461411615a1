import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { TilthError } from "../core/index.ts";
import { Semaphore } from "./semaphore.ts";

describe("Semaphore", () => {
  it("hands a freed slot to the first waiter; releasing twice frees once", async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const order: string[] = [];
    const first = semaphore.acquire().then((free) => (order.push("first"), free));
    const second = semaphore.acquire().then((free) => (order.push("second"), free));
    expect([semaphore.available, semaphore.waiting, semaphore.tryAcquire()]).toEqual([0, 2, undefined]);
    release();
    release();
    const freeFirst = await first;
    await flush();
    expect([order, semaphore.waiting]).toEqual([["first"], 1]);
    freeFirst();
    (await second)();
    expect([order, semaphore.available]).toEqual([["first", "second"], 1]);
  });

  it("gives no slot to who gave up", async () => {
    const clock = new FakeClock();
    const semaphore = new Semaphore(1, { clock });
    const release = await semaphore.acquire();
    const late = expect(semaphore.acquire({ timeoutMs: 5 })).rejects.toMatchObject({ code: "timeout" });
    await clock.advance(5);
    await late;
    release();
    expect([semaphore.available, semaphore.waiting, clock.pendingTimers]).toEqual([1, 0, 0]);
    await expect(semaphore.acquire({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    expect(semaphore.available).toBe(1);
  });

  it("rejects everybody once closed", async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire();
    const waiting = expect(semaphore.acquire()).rejects.toMatchObject({ code: "pool.closed" });
    semaphore.close(new TilthError("pool.closed", "shut"));
    await waiting;
    release();
    await expect(semaphore.acquire()).rejects.toThrow("shut");
  });

  it("never passes its bound, leaks no slot and keeps the order, under every interleaving", async () => {
    const user = fc.constantFrom("stay" as const, "abort" as const, "timeout" as const);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 3 }),
        fc.array(user, { maxLength: 20 }),
        async (s, slots, users) => {
          const clock = new FakeClock();
          const semaphore = new Semaphore(slots, { clock });
          let held = 0;
          let asked = 0;
          const served: number[] = [];
          const use = async (giveUp: (typeof users)[number]): Promise<void> => {
            await s.schedule(Promise.resolve(), "start");
            const controller = new AbortController();
            if (giveUp === "abort") void s.schedule(Promise.resolve(), "abort").then(() => controller.abort());
            const ticket = (asked += 1);
            const asking = semaphore.acquire({
              signal: controller.signal,
              timeoutMs: giveUp === "timeout" ? 1 : undefined,
            });
            const release = await asking.catch((error: { code: string }) =>
              expect(["timeout", "cancelled"]).toContain(error.code),
            );
            if (typeof release !== "function") return;
            served.push(ticket);
            held += 1;
            expect(held).toBeLessThanOrEqual(slots);
            await s.schedule(Promise.resolve(), "work");
            held -= 1;
            release();
          };
          const all = users.map(use);
          void s.schedule(Promise.resolve(), "time passes").then(() => clock.advance(1));
          await s.waitIdle();
          await clock.advance(1);
          await s.waitIdle();
          await Promise.all(all);
          expect(served).toEqual(served.toSorted((a, b) => a - b));
          expect([semaphore.available, semaphore.waiting, clock.pendingTimers]).toEqual([slots, 0, 0]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
