import { expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake_clock.ts";
import { LagMeter, type LoopDelays } from "./lag_meter.ts";

/** Delays as the platform tells them, ns: forgotten by `reset`. */
function fakeDelays(): LoopDelays & { worstMs: number } {
  return {
    worstMs: NaN,
    percentile(): number {
      return this.worstMs * 1e6;
    },
    reset(): void {
      this.worstMs = NaN;
    },
    enable: () => true,
    disable: () => true,
  };
}

test("a reading is of the last second, however many ask for it", async () => {
  const [clock, delays] = [new FakeClock(), fakeDelays()];
  const meter = new LagMeter({ clock, delays });
  meter.start();
  delays.worstMs = 170;
  expect(meter.lagMs).toBe(0);
  await clock.advance(1000);
  expect([meter.lagMs, meter.lagMs]).toEqual([150, 150]);
  delays.worstMs = 21;
  await clock.advance(999);
  expect(meter.lagMs).toBe(150);
  await clock.advance(1);
  expect(meter.lagMs).toBe(1);
  await clock.advance(1000);
  expect(meter.lagMs).toBe(0);
  meter.stop();
  expect(clock.pendingTimers).toBe(0);
});
