import { describe, expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import type { BreakerState } from "./breaker.ts";
import { FetchPump } from "./fetch_pump.ts";
import { HostRegistry } from "./host_registry.ts";
import type { HostShare, HostShareStatus, ProbeResult } from "./host_share.ts";
import { HostState, type HostPolicy } from "./host_state.ts";
import { HttpClient } from "./http_client.ts";
import { httpError } from "./http_errors.ts";
import { withRetry } from "./retry_loop.ts";

/** A share that says what the test wants, and keeps what it is told. */
class FakeShare implements HostShare {
  answerMs: number | null = 0;
  breaker: BreakerState = "closed";
  dead = false;
  places: number | null = null;
  isProbe = false;
  readonly told: string[] = [];
  readonly watchers = new Set<() => void>();

  get status(): HostShareStatus {
    return { breaker: this.breaker, dead: this.dead, pausedMs: 7000, places: this.places };
  }
  delayMs(wanted: number): number | null {
    this.told.push(`wants ${wanted}`);
    return this.answerMs;
  }
  begin(): boolean {
    this.told.push("begin");
    return this.isProbe;
  }
  end(): void {
    this.told.push("end");
  }
  endProbe(result: ProbeResult): void {
    this.told.push(`probe ${result}`);
  }
  pause(ms: number): void {
    this.told.push(`pause ${ms}`);
  }
  trip(): void {
    this.breaker = "open";
    this.told.push("trip");
  }
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }
  change(answerMs: number | null): void {
    this.answerMs = answerMs;
    for (const watcher of this.watchers) watcher();
  }
}

const status = (code: number, retryAfterMs?: number): Error =>
  httpError(code === 429 ? "http.throttled" : "http.status", "", { url: "http://h/", status: code, retryAfterMs });

function makeHost(policy: HostPolicy = {}): { host: HostState; share: FakeShare; clock: FakeClock } {
  const clock = new FakeClock();
  const share = new FakeShare();
  return { host: new HostState("h", policy, clock, share), share, clock };
}

describe("a host with a share", () => {
  test("is asked only when nothing of its own stands in the way", () => {
    const { host, share } = makeHost({ concurrency: 1 });
    share.answerMs = 30;
    expect(host.delayMs()).toBe(30);
    share.answerMs = 0;
    const admission = host.begin("first");
    share.told.length = 0;
    expect([host.delayMs(), share.told]).toEqual([null, []]);
    host.finish(admission);
    expect([host.delayMs(), share.told]).toEqual([0, ["end", "wants 1"]]);
  });

  test("leaves the rate to the share", () => {
    const { host } = makeHost({ concurrency: 9, ratePerSecond: 1 });
    host.begin("first");
    expect(host.delayMs()).toBe(0);
  });

  test("tells it of every pause, and shows the longer one", () => {
    const { host, share } = makeHost();
    host.finish(host.begin("first"), status(429, 5000));
    expect(share.told).toEqual(["begin", "end", "pause 5000"]);
    expect(host.status.pausedMs).toBe(7000);
  });

  test("opens its breaker when attempts of its own fail, and makes the probe that it is given", () => {
    const { host, share } = makeHost({ concurrency: 50 });
    const late = Array.from({ length: 30 }, () => host.begin("first"));
    for (let count = 0; count < 10; count++) host.finish(host.begin("first"), status(500));
    expect(share.told.filter((word) => word === "trip")).toHaveLength(1);
    expect(host.status.breaker).toBe("open");
    // Answers to what was under way when it opened.
    for (const admission of late) host.finish(admission, status(500));
    share.isProbe = true;
    for (const error of [undefined, status(500), status(429, 10)]) host.finish(host.begin("first"), error);
    expect(share.told.filter((word) => /trip|probe/.test(word))).toEqual([
      "trip",
      "probe good",
      "probe bad",
      "probe nothing",
    ]);
    share.dead = true;
    expect(host.dead).toBe(true);
  });

  test("keeps places for live requests of those that it has", () => {
    const { host, share } = makeHost({ concurrency: 32 });
    share.places = 4;
    const leave = host.waitLive();
    leave();
    const running = [host.begin("first", "batch"), host.begin("first", "batch"), host.begin("first", "batch")];
    expect([host.delayMs("batch"), host.delayMs("live")]).toEqual([5000, 0]);
    running.forEach((admission) => host.finish(admission));
  });

  test("goes on when the share calls, and is watched only as long as somebody waits", async () => {
    const { host, share, clock } = makeHost();
    share.answerMs = null;
    const done = withRetry(host, () => Promise.resolve("got"), { clock });
    const pump = new FetchPump({
      batches: batchOf(3),
      hosts: [host],
      attempt: () => Promise.resolve(),
      settle: () => undefined,
      signal: new AbortController().signal,
      clock,
    }).run();
    await clock.advance(60_000);
    expect([host.status.requests, share.watchers.size]).toEqual([0, 1]);
    share.change(0);
    expect([await done, await pump, host.status.requests]).toEqual(["got", "done", 4]);
    expect([share.watchers.size, clock.pendingTimers]).toEqual([0, 0]);
  });
});

async function* batchOf(count: number): AsyncGenerator<Iterable<number>> {
  yield await Promise.resolve(Array(count).keys());
}

describe("HostRegistry with shares", () => {
  test("makes one for each host, with the policy that counts", async () => {
    const made: [string, HostPolicy][] = [];
    const shareHost = (host: string, policy: HostPolicy): FakeShare => {
      made.push([host, policy]);
      return new FakeShare();
    };
    const registry = new HostRegistry({ defaultPolicy: { concurrency: 4 }, shareHost });
    registry.get("a:80");
    registry.get("a:80").begin("first");
    registry.setPolicy("b:80", { ratePerSecond: 2 });
    registry.get("b:80");
    expect(made).toEqual([
      ["a:80", { concurrency: 4 }],
      ["b:80", { concurrency: 4, ratePerSecond: 2 }],
    ]);
    const client = new HttpClient({ shareHost });
    client.hosts.get("c:80");
    expect(made.at(-1)?.[0]).toBe("c:80");
    await client.close();
  });

  test("what this process may do by itself bounds it, and is not told to the others", () => {
    const told: HostPolicy[] = [];
    const shareHost = (_host: string, policy: HostPolicy): FakeShare => {
      told.push(policy);
      return new FakeShare();
    };
    const registry = new HostRegistry({ shareHost, ownConcurrency: 2 });
    registry.setPolicy("fixed:80", { concurrency: 6 });
    registry.limit("paced:80", { maxConcurrency: 2, ratePerSecond: 5 });
    for (const host of ["fixed:80", "paced:80", "free:80"]) {
      const state = registry.get(host);
      expect(state.status.concurrencyLimit).toBe(2);
    }
    expect(told).toEqual([{ concurrency: 6 }, { concurrency: "auto", maxConcurrency: 2, ratePerSecond: 5 }, {}]);
  });
});
