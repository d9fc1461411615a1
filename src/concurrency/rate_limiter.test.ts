import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { RateLimiter } from "./rate_limiter.ts";

describe("RateLimiter", () => {
  it("spaces permits evenly", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ ratePerSecond: 10, clock });
    expect([limiter.reserve(), limiter.reserve(), limiter.reserve()]).toEqual([0, 100, 200]);
    await clock.advance(250);
    expect([limiter.delayMs(), limiter.delayMs(), limiter.tryTake()]).toEqual([50, 50, false]);
    await clock.advance(50);
    expect([limiter.tryTake(), limiter.tryTake(), limiter.delayMs()]).toEqual([true, false, 100]);
  });

  it("allows a burst after a rest, and no more than that after a long one", async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ ratePerSecond: 4, burst: 3, clock });
    await clock.advance(3_600_000);
    expect([limiter.tryTake(), limiter.tryTake(), limiter.tryTake(), limiter.tryTake()]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(limiter.delayMs()).toBe(250);
  });

  it("gives a permit to whoever waited as long as it said, at any rate", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.001, max: 5_000, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        async (ratePerSecond, burst) => {
          const clock = new FakeClock();
          const limiter = new RateLimiter({ ratePerSecond, burst, clock });
          for (let n = 0; n < 12; n += 1) {
            await clock.advance(limiter.delayMs());
            expect(limiter.tryTake()).toBe(true);
          }
          const seconds = clock.monotonicMs() / 1_000;
          expect(12).toBeLessThanOrEqual(burst + seconds * ratePerSecond + 1e-3);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    [{ ratePerSecond: 0 }, /expected `ratePerSecond` to be a finite number above 0, got 0/],
    [{ ratePerSecond: 1, burst: 0 }, /expected `burst` to be an integer from 1 up/],
  ])("refuses %o", (options, message) => {
    expect(() => new RateLimiter(options)).toThrow(message);
  });
});
