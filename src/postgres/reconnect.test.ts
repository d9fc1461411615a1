import { describe, expect, it } from "vitest";
import { TilthError } from "../core/index.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { withReconnect } from "./reconnect.ts";

const gone = new TilthError("postgres.unreachable", "gone");

describe("withReconnect", () => {
  it("waits longer each time, up to ten seconds, and gives the answer that comes in the end", async () => {
    const clock = new FakeClock();
    const delays: number[] = [];
    let calls = 0;
    const run = async (): Promise<string> => {
      calls += 1;
      if (calls <= 8) throw calls % 2 === 0 ? gone : new TilthError("postgres.conflict", "in the way");
      return "here";
    };
    const answer = withReconnect(run, { clock, random: () => 1, onRetry: (_, delayMs) => delays.push(delayMs) });
    await clock.advance(60_000);
    expect(await answer).toBe("here");
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it("throws what will not go away, and what has not gone away in time", async () => {
    const clock = new FakeClock();
    const fail = (error: Error) => async (): Promise<never> => Promise.reject(error);
    const refused = new TilthError("postgres.unreachable", "no TLS", { fields: { retryable: false } });
    await expect(withReconnect(fail(refused), { clock })).rejects.toBe(refused);
    const denied = new TilthError("postgres.denied", "no");
    await expect(withReconnect(fail(denied), { clock })).rejects.toBe(denied);
    const late = withReconnect(fail(gone), { clock, maxWaitMs: 1000, random: () => 1 });
    const told = expect(late).rejects.toBe(gone);
    await clock.advance(1000);
    await told;
    expect(clock.pendingTimers).toBe(0);
  });

  it("stops waiting when it is aborted", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const waiting = withReconnect(async () => Promise.reject(gone), { clock, signal: controller.signal });
    await clock.advance(0);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  });
});
