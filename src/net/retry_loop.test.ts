import { describe, expect, test } from "vitest";
import type { TilthError } from "../core/index.ts";
import { FakeClock, flush } from "../../test/support/fake_clock.ts";
import { HostState, type HostPolicy } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import { withRetry } from "./retry_loop.ts";
import { DEFAULT_RETRY } from "./retry_policy.ts";

const url = "http://h/";
const failed = (): TilthError => httpError("http.status", "500", { url, status: 500 });
const throttled = (): TilthError => httpError("http.throttled", "429", { url, status: 429, retryAfterMs: 4000 });

function makeHost(policy: HostPolicy = {}): { host: HostState; clock: FakeClock } {
  const clock = new FakeClock();
  return { host: new HostState("h", policy, clock), clock };
}

/** Fails the given number of times, then answers. */
function failing(
  times: number,
  error: () => TilthError = failed,
): { attempt: () => Promise<string>; count: () => number } {
  let calls = 0;
  const attempt = async (): Promise<string> => {
    calls += 1;
    if (calls <= times) throw error();
    return "answer";
  };
  return { attempt, count: () => calls };
}

/** Lets as much time pass as the promise needs, at most `limitMs`. */
async function settle<T>(promise: Promise<T>, clock: FakeClock, limitMs = 3_600_000): Promise<T> {
  let open = true;
  promise.then(
    () => (open = false),
    () => (open = false),
  );
  await flush();
  for (let passedMs = 0; open && passedMs < limitMs; passedMs += 1000) await clock.advance(1000);
  if (open) throw new Error(`not settled after ${limitMs} ms`);
  return promise;
}

describe("withRetry", () => {
  test("answers after as many failures as there are retries, and counts them", async () => {
    const { host, clock } = makeHost();
    const { attempt, count } = failing(DEFAULT_RETRY.maxRetries);
    expect(await settle(withRetry(host, attempt, { clock }), clock)).toBe("answer");
    expect(count()).toBe(DEFAULT_RETRY.maxRetries + 1);
    expect(host.status).toMatchObject({ requests: 6, retries: 5, failures: 5, inFlight: 0 });
  });

  test("ends with the last error after one failure more", async () => {
    const { host, clock } = makeHost();
    const { attempt, count } = failing(99);
    await expect(settle(withRetry(host, attempt, { clock }), clock)).rejects.toMatchObject({ code: "http.status" });
    expect(count()).toBe(DEFAULT_RETRY.maxRetries + 1);
  });

  test("does not try again what cannot succeed", async () => {
    const { host, clock } = makeHost();
    const forbidden = (): TilthError => httpError("http.status", "403", { url, status: 403 });
    const { attempt, count } = failing(1, forbidden);
    await expect(withRetry(host, attempt, { clock })).rejects.toMatchObject({ fields: { status: 403 } });
    expect(count()).toBe(1);
  });

  test("waits as long as the server asked, and makes others of that host wait too", async () => {
    const { host, clock } = makeHost();
    const { attempt, count } = failing(1, throttled);
    const first = withRetry(host, attempt, { clock, random: () => 0 });
    await flush();
    const other = failing(0);
    const second = withRetry(host, other.attempt, { clock });
    await clock.advance(3999);
    expect([count(), other.count()]).toEqual([1, 0]);
    await clock.advance(200);
    expect([await first, await second]).toEqual(["answer", "answer"]);
  });

  test("takes throttling for no failure: more refusals than retries are borne", async () => {
    const { host, clock } = makeHost();
    const { attempt } = failing(20, throttled);
    expect(await settle(withRetry(host, attempt, { clock }), clock)).toBe("answer");
    expect(host.status.breaker).toBe("closed");
  });

  test("stops at once when it is aborted while it waits, and does not ask again", async () => {
    const { host, clock } = makeHost();
    const controller = new AbortController();
    const { attempt, count } = failing(99);
    const running = withRetry(host, attempt, { clock, signal: controller.signal });
    await flush();
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await clock.advance(600_000);
    expect(count()).toBe(1);
    expect([host.status.inFlight, clock.pendingTimers]).toEqual([0, 0]);
  });

  test("gives up when the budget of the host is used up", async () => {
    const { host, clock } = makeHost({ breaker: { minAttempts: 10_000, windowSize: 10_000 } });
    while (host.budget.tryTake());
    const { attempt, count } = failing(1);
    await expect(settle(withRetry(host, attempt, { clock }), clock)).rejects.toMatchObject({
      code: "http.retryBudget",
    });
    expect(count()).toBe(1);
  });
});

describe("withRetry and a dead host", () => {
  async function kill(policy: HostPolicy = {}): Promise<{ host: HostState; clock: FakeClock }> {
    const made = makeHost({ breaker: { minAttempts: 1, windowSize: 1, maxProbes: 1, openMs: 1000 }, ...policy });
    for (let round = 0; round < 2; round++) {
      await made.clock.advance(made.host.delayMs() ?? 0);
      made.host.finish(made.host.begin("first"), failed());
    }
    expect(made.host.dead).toBe(true);
    return made;
  }

  test("is refused at once while its breaker is open", async () => {
    const { host, clock } = await kill();
    const { attempt, count } = failing(0);
    await expect(withRetry(host, attempt, { clock })).rejects.toMatchObject({ code: "http.breakerOpen" });
    expect(count()).toBe(0);
  });

  test("finds it alive again when its time is over: a process that runs for long must not give it up for ever", async () => {
    const { host, clock } = await kill();
    await clock.advance(60_000);
    const { attempt } = failing(0);
    expect(await withRetry(host, attempt, { clock })).toBe("answer");
    expect([host.dead, host.status.breaker]).toEqual([false, "closed"]);
  });
});
