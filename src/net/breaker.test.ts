import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";

function makeBreaker(options: Omit<BreakerOptions, "clock"> = {}): { breaker: Breaker; clock: FakeClock } {
  const clock = new FakeClock();
  return { breaker: new Breaker({ clock, ...options }), clock };
}

/** One attempt from start to end; fails the test when the breaker lets nothing start. */
function attempt(breaker: Breaker, success: boolean): void {
  expect(breaker.delayMs()).toBe(0);
  const probe = breaker.enter();
  if (success) breaker.onSuccess(probe);
  else breaker.onFailure(probe);
}

function openBreaker(options: Omit<BreakerOptions, "clock"> = {}): { breaker: Breaker; clock: FakeClock } {
  const made = makeBreaker({ minAttempts: 4, windowSize: 4, openMs: 1000, maxOpenMs: 5000, ...options });
  for (let count = 0; count < 4; count++) attempt(made.breaker, false);
  expect(made.breaker.state).toBe("open");
  return made;
}

describe("a closed breaker", () => {
  test("opens when more than half of its window failed, not one attempt before", () => {
    const { breaker } = makeBreaker({ windowSize: 10, minAttempts: 10 });
    for (let pair = 0; pair < 5; pair++) {
      attempt(breaker, true);
      attempt(breaker, false);
    }
    attempt(breaker, true);
    attempt(breaker, false);
    expect(breaker.state).toBe("closed");
    attempt(breaker, false);
    expect(breaker.state).toBe("open");
  });

  test("does not judge by too few attempts", () => {
    const { breaker } = makeBreaker({ minAttempts: 10 });
    for (let count = 0; count < 9; count++) attempt(breaker, false);
    expect(breaker.state).toBe("closed");
    attempt(breaker, false);
    expect(breaker.state).toBe("open");
  });

  test("forgets what lies before its window", () => {
    const { breaker } = makeBreaker({ windowSize: 10, minAttempts: 10 });
    for (let count = 0; count < 4; count++) attempt(breaker, false);
    for (let count = 0; count < 30; count++) attempt(breaker, true);
    for (let count = 0; count < 4; count++) attempt(breaker, false);
    expect(breaker.state).toBe("closed");
  });
});

describe("an open breaker", () => {
  test("lets nothing pass until its time is over, then one probe and no other", async () => {
    const { breaker, clock } = openBreaker();
    expect(breaker.delayMs()).toBe(1000);
    await clock.advance(999);
    expect(breaker.delayMs()).toBe(1);
    await clock.advance(1);
    expect(breaker.delayMs()).toBe(0);
    expect(breaker.enter()).toBe(true);
    expect(breaker.state).toBe("halfOpen");
    expect(breaker.delayMs()).toBeNull();
  });

  test("closes with a good probe, and has forgotten its failures", async () => {
    const { breaker, clock } = openBreaker();
    await clock.advance(1000);
    attempt(breaker, true);
    expect(breaker.state).toBe("closed");
    for (let count = 0; count < 3; count++) attempt(breaker, false);
    expect(breaker.state).toBe("closed");
  });

  test("stays open twice as long after each bad probe, up to its bound, and counts as dead after the last", async () => {
    const { breaker, clock } = openBreaker({ maxProbes: 5 });
    const waits: (number | null)[] = [];
    for (let probe = 0; probe < 5; probe++) {
      expect(breaker.dead).toBe(false);
      await clock.advance(breaker.delayMs() ?? 0);
      attempt(breaker, false);
      waits.push(breaker.delayMs());
    }
    expect(waits).toEqual([2000, 4000, 5000, 5000, 5000]);
    expect(breaker.dead).toBe(true);
  });

  test("is alive again once a probe succeeds, even when it was dead", async () => {
    const { breaker, clock } = openBreaker({ maxProbes: 1 });
    await clock.advance(1000);
    attempt(breaker, false);
    expect(breaker.dead).toBe(true);
    await clock.advance(2000);
    attempt(breaker, true);
    expect([breaker.dead, breaker.state]).toEqual([false, "closed"]);
  });

  test("gives a probe that the user cancelled to the next one", async () => {
    const { breaker, clock } = openBreaker();
    await clock.advance(1000);
    breaker.onNeutral(breaker.enter());
    // Open, but nobody is held back any more.
    expect([breaker.state, breaker.delayMs()]).toEqual(["halfOpen", 0]);
    expect(breaker.dead).toBe(false);
  });

  test("takes no notice of attempts that began before it opened", async () => {
    const { breaker, clock } = openBreaker();
    breaker.onSuccess(false);
    breaker.onFailure(false);
    breaker.onNeutral(false);
    expect([breaker.state, breaker.delayMs()]).toEqual(["open", 1000]);
    await clock.advance(1000);
    expect(breaker.enter()).toBe(true);
  });
});

test("whatever happens, at most one probe is under way, and there is always a time at which one may start", async () => {
  const step = fc.constantFrom("start", "good", "bad", "cancel", "wait");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { breaker, clock } = makeBreaker({ minAttempts: 2, windowSize: 4, openMs: 100, maxOpenMs: 400 });
      const running: boolean[] = [];
      for (const one of steps) {
        if (one === "wait") await clock.advance(150);
        else if (one === "start" && breaker.delayMs() === 0) running.push(breaker.enter());
        else if (one !== "start") {
          const probe = running.shift();
          if (probe === undefined) continue;
          if (one === "good") breaker.onSuccess(probe);
          else if (one === "bad") breaker.onFailure(probe);
          else breaker.onNeutral(probe);
        }
        const probes = running.filter(Boolean).length;
        expect(probes).toBeLessThanOrEqual(1);
        expect(breaker.delayMs() === null).toBe(probes === 1);
        expect(breaker.delayMs() ?? 0).toBeLessThanOrEqual(400);
      }
    }),
    { numRuns: 200 },
  );
});
