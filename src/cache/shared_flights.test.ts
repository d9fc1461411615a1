import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { flush } from "../../test/support/fake_clock.ts";
import { SharedFlights } from "./shared_flights.ts";

/** Work that ends when the test says so. */
function makeWork() {
  const gates: { signal: AbortSignal; resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const start = (signal: AbortSignal): Promise<number> => {
    const gate = Promise.withResolvers<number>();
    gates.push({ signal, ...gate });
    signal.addEventListener("abort", () => gate.reject(new Error("aborted")), { once: true });
    return gate.promise;
  };
  return { gates, start };
}

const outcome = (promise: Promise<number>): Promise<string> =>
  promise.then(
    (value) => `got ${value}`,
    (error: unknown) => (error as { code?: string }).code ?? (error as Error).message,
  );

describe("SharedFlights", () => {
  test("whoever leaves, those who stay get the one result; the work is aborted only when all have left", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), fc.boolean(), async (leaves, fails) => {
        const flights = new SharedFlights<number>();
        const { gates, start } = makeWork();
        const callers = leaves.map((leave) => {
          const controller = new AbortController();
          return { leave, controller, ended: outcome(flights.join("a", start, controller.signal)) };
        });
        expect(gates).toHaveLength(1);
        for (const { leave, controller } of callers) if (leave) controller.abort();
        expect(gates[0]?.signal.aborted).toBe(leaves.every(Boolean));
        if (fails) gates[0]?.reject(new Error("no luck"));
        else gates[0]?.resolve(7);
        const stayed = fails ? "no luck" : "got 7";
        expect(await Promise.all(callers.map(({ ended }) => ended))).toEqual(
          leaves.map((leave) => (leave ? "cancelled" : stayed)),
        );
        await flush();
        expect(flights.size).toBe(0);
      }),
    );
  });

  test("who comes after the last has left starts afresh, also while the aborted work is still ending", async () => {
    const flights = new SharedFlights<number>();
    const stubborn: ((value: number) => void)[] = [];
    const start = (): Promise<number> => new Promise((resolve) => stubborn.push(resolve));
    const controller = new AbortController();
    const first = outcome(flights.join("a", start, controller.signal));
    controller.abort();
    const second = outcome(flights.join("a", start));
    expect(stubborn).toHaveLength(2);
    stubborn[0]?.(1);
    await flush();
    expect(flights.size).toBe(1);
    stubborn[1]?.(2);
    expect([await first, await second]).toEqual(["cancelled", "got 2"]);
    expect(flights.size).toBe(0);
  });

  test("a caller whose signal is aborted already starts nothing", async () => {
    const flights = new SharedFlights<number>();
    const { gates, start } = makeWork();
    expect(await outcome(flights.join("a", start, AbortSignal.abort()))).toBe("cancelled");
    expect(gates).toHaveLength(0);
    expect(flights.size).toBe(0);
  });

  test("different keys are different work, and the same key later is new work", async () => {
    const flights = new SharedFlights<number>();
    const { gates, start } = makeWork();
    const both = [flights.join("a", start), flights.join("b", start)];
    expect([gates.length, flights.size]).toEqual([2, 2]);
    gates[0]?.resolve(1);
    gates[1]?.resolve(2);
    expect(await Promise.all(both)).toEqual([1, 2]);
    const again = flights.join("a", start);
    gates[2]?.resolve(3);
    expect(await again).toBe(3);
  });

  test("a start that throws at once leaves nothing behind", async () => {
    const flights = new SharedFlights<number>();
    const start = (): never => {
      throw new Error("at once");
    };
    expect(await outcome(flights.join("a", start))).toBe("at once");
    expect(flights.size).toBe(0);
  });
});
