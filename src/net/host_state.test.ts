import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CancelledError, type TilthError } from "../core/index.ts";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { HostRegistry } from "./host_registry.ts";
import { HostState, type Admission, type HostPolicy } from "./host_state.ts";
import { httpError, type HttpErrorDetails } from "./http_errors.ts";

const url = "http://h/";
const status = (code: number, more: Partial<HttpErrorDetails> = {}): TilthError =>
  httpError(code === 429 ? "http.throttled" : "http.status", String(code), { url, status: code, ...more });

function makeHost(policy: HostPolicy = {}): { host: HostState; clock: FakeClock } {
  const clock = new FakeClock();
  return { host: new HostState("h", policy, clock), clock };
}

describe("HostState", () => {
  test("has as many attempts under way as its limit allows, and says so", () => {
    const { host } = makeHost({ concurrency: 3 });
    const running = [host.begin("first"), host.begin("first")];
    expect(host.delayMs()).toBe(0);
    running.push(host.begin("retry"));
    expect(host.delayMs()).toBeNull();
    expect(host.status).toMatchObject({ inFlight: 3, concurrencyLimit: 3, requests: 3, retries: 1 });
    host.finish(running[1] as Admission);
    expect([host.delayMs(), host.status.inFlight]).toEqual([0, 2]);
  });

  test("spreads requests over time at its rate", async () => {
    const { host, clock } = makeHost({ concurrency: 99, ratePerSecond: 10 });
    let started = 0;
    for (let passedMs = 0; passedMs < 5000; passedMs += 10) {
      while (host.delayMs() === 0) {
        host.begin("first");
        started += 1;
      }
      await clock.advance(10);
    }
    expect(started).toBeGreaterThanOrEqual(48);
    expect(started).toBeLessThanOrEqual(51);
  });

  test("pauses as a whole for the longest wait that was asked for", async () => {
    const { host, clock } = makeHost({ concurrency: 9 });
    const [first, second] = [host.begin("first"), host.begin("first")];
    host.finish(first, status(429, { retryAfterMs: 5000 }));
    host.finish(second, status(503, { retryAfterMs: 1000 }));
    expect([host.delayMs(), host.status.pausedMs]).toEqual([5000, 5000]);
    await clock.advance(5000);
    expect([host.delayMs(), host.status.pausedMs]).toEqual([0, 0]);
  });

  test("is not held dead for throttling, however long", () => {
    const { host } = makeHost({ concurrency: 2 });
    for (let count = 0; count < 200; count++) host.finish(host.begin("first"), status(429));
    expect(host.status).toMatchObject({ breaker: "closed", throttled: 200 });
  });

  test("is not held dead for tiles that are not there or not allowed", () => {
    const { host } = makeHost({ concurrency: 2 });
    for (let count = 0; count < 200; count++) host.finish(host.begin("first"), status(403));
    expect(host.status.breaker).toBe("closed");
  });

  test("learns nothing from attempts that the user cancelled", () => {
    const { host } = makeHost({ concurrency: 2 });
    for (let count = 0; count < 200; count++) host.finish(host.begin("first"), new CancelledError());
    expect(host.status).toMatchObject({ breaker: "closed", failures: 0, inFlight: 0 });
  });

  test("shrinks its own limit for 503, not for single 500s", () => {
    const { host } = makeHost();
    const before = host.status.concurrencyLimit;
    host.finish(host.begin("first"), status(500));
    expect(host.status.concurrencyLimit).toBe(before);
    host.finish(host.begin("first"), status(503));
    expect(host.status.concurrencyLimit).toBeLessThan(before);
  });

  test("never has more under way than its cap, whatever ends how and when", async () => {
    const step = fc.constantFrom("start", "start", "ok", "500", "503", "429", "timeout", "cancel", "wait");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 6 }), async (steps, cap) => {
        const { host, clock } = makeHost({ maxConcurrency: cap });
        const running: Admission[] = [];
        for (const one of steps) {
          if (one === "wait") await clock.advance(700);
          else if (one === "start") {
            if (host.delayMs() === 0) running.push(host.begin("first"));
          } else {
            const admission = running.shift();
            if (admission !== undefined) host.finish(admission, errorOf(one));
          }
          expect(host.status.inFlight).toBe(running.length);
          expect(running.length).toBeLessThanOrEqual(cap);
          expect(host.status.concurrencyLimit).toBeGreaterThanOrEqual(1);
          if (running.length === 0) expect(host.delayMs()).not.toBeNull();
        }
      }),
      { numRuns: 200 },
    );
  });
});

function errorOf(what: string): Error | undefined {
  if (what === "ok") return undefined;
  if (what === "cancel") return new CancelledError();
  return what === "timeout" ? httpError("http.timeout", "", { url }) : status(Number(what), { retryAfterMs: 10 });
}

describe("HostRegistry", () => {
  test("gives one state to all who ask for a host, and takes on a policy that is set later", () => {
    const registry = new HostRegistry({ clock: new FakeClock(), defaultPolicy: { concurrency: 4 } });
    expect(registry.get("a:80")).toBe(registry.get("a:80"));
    expect(registry.get("a:80")).not.toBe(registry.get("b:80"));
    expect(registry.get("a:80").status.concurrencyLimit).toBe(4);
    registry.setPolicy("a:80", { concurrency: 2 });
    expect(registry.get("a:80").status.concurrencyLimit).toBe(2);
  });

  test("does not grow for ever, and never forgets a host that is in use", () => {
    const registry = new HostRegistry({ clock: new FakeClock() });
    const used = registry.get("used");
    used.begin("first");
    for (let index = 0; index < 3000; index++) registry.get(`h${index}`);
    expect(registry.list().length).toBeLessThanOrEqual(1000);
    expect(registry.get("used")).toBe(used);
  });
});
