import { describe, expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { FetchPump } from "./fetch_pump.ts";
import { HostState } from "./host_state.ts";

async function* oneBatch(count: number): AsyncGenerator<number[]> {
  yield Array.from({ length: count }, (_, index) => index);
}

/** Pumps of one host at the same time, as jobs of one process are. */
async function runTogether(pumps: number, concurrency: number, items: number) {
  const clock = new FakeClock();
  const host = new HostState("h", { concurrency }, clock);
  let inFlight = 0;
  let maxInFlight = 0;
  const settled = Array.from({ length: pumps }, () => 0);
  const attempt = async (): Promise<number> => {
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    await new Promise<void>((resolve) => clock.setTimer(resolve, 20));
    inFlight -= 1;
    return 1;
  };
  const ended: string[] = [];
  for (const index of settled.keys()) {
    const settle = (): void => void (settled[index] = (settled[index] ?? 0) + 1);
    const signal = new AbortController().signal;
    const pump = new FetchPump({ batches: oneBatch(items), hosts: [host], attempt, settle, signal, clock });
    void pump.run().then((how) => ended.push(how));
  }
  for (let step = 0; step < 1000 && ended.length < pumps; step++) await clock.advance(10);
  return { ended, settled, maxInFlight, pendingTimers: clock.pendingTimers };
}

describe("pumps that share a host", () => {
  test.each([
    [2, 1, 10],
    [16, 2, 3],
    [5, 8, 20],
  ])("%i of them, %i requests at a time: all come to an end within the host's limit", async (pumps, limit, items) => {
    const { ended, settled, maxInFlight, pendingTimers } = await runTogether(pumps, limit, items);
    expect(ended).toEqual(Array.from({ length: pumps }, () => "done"));
    expect(settled).toEqual(Array.from({ length: pumps }, () => items));
    expect(maxInFlight).toBe(limit);
    expect(pendingTimers).toBe(0);
  });
});
