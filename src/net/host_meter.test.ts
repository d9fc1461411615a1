import { describe, expect, test } from "vitest";
import { FakeClock } from "../../test/support/fake_clock.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { CancelledError, TilthError } from "../core/index.ts";
import { LATENCY_BOUNDS_S } from "./host_meter.ts";
import { HostState } from "./host_state.ts";

const kit = useLoopback();
const failed = new TilthError("http.timeout", "no answer");

function makeHost() {
  const clock = new FakeClock();
  const host = new HostState("h", { concurrency: 1000 }, clock);
  const attempt = async (latencyMs: number, error?: unknown): Promise<void> => {
    const admission = host.begin("first");
    await clock.advance(latencyMs);
    host.finish(admission, error);
  };
  return { clock, host, attempt };
}

describe("statistics of a host", () => {
  test("are empty at first", () => {
    expect(makeHost().host.readStatistics()).toEqual({
      requestsPerSecond: 0,
      latencyMs: null,
      latency: { cumulative: LATENCY_BOUNDS_S.map(() => 0), count: 0, sumSeconds: 0 },
      lastErrors: [],
      receivedBytes: 0,
    });
  });

  test("tell percentiles by nearest rank, failed attempts among them", async () => {
    const { host, attempt } = makeHost();
    for (let ms = 100; ms >= 1; ms--) await attempt(ms, ms > 98 ? failed : undefined);
    expect(host.readStatistics().latencyMs).toEqual({ p50: 50, p95: 95, p99: 99 });
  });

  test("forget the latencies of all but the last 512 attempts, and count all of them", async () => {
    const { host, attempt } = makeHost();
    for (let count = 0; count < 100; count++) await attempt(900);
    for (let count = 0; count < 512; count++) await attempt(7);
    const { latencyMs, latency } = host.readStatistics();
    expect(latencyMs).toEqual({ p50: 7, p95: 7, p99: 7 });
    expect(latency.count).toBe(612);
    expect(latency.sumSeconds).toBeCloseTo(90 + 3.584, 6);
  });

  test("sort latencies into the histogram, bounds included", async () => {
    const { host, attempt } = makeHost();
    for (const ms of [0, 10, 10.5, 25, 250, 251, 30_000, 30_001]) await attempt(ms);
    // Bounds: 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30
    expect(host.readStatistics().latency).toMatchObject({
      cumulative: [2, 4, 4, 4, 5, 6, 6, 6, 6, 6, 7],
      count: 8,
    });
  });

  test("tell requests a second over ten seconds, from the first on", async () => {
    const { clock, host } = makeHost();
    const rate = (): number => host.readStatistics().requestsPerSecond;
    await clock.advance(12_345);
    for (let count = 0; count < 20; count++) host.begin("first");
    expect(rate()).toBe(20);
    await clock.advance(2000);
    expect(rate()).toBe(10);
    for (let count = 0; count < 300; count++) {
      await clock.advance(100);
      host.begin("first");
    }
    expect(rate()).toBeCloseTo(10, 0);
    await clock.advance(11_000);
    expect(rate()).toBe(0);
  });

  test("keep the last 20 errors, newest first, with the time of day", async () => {
    const { clock, host, attempt } = makeHost();
    for (let count = 1; count <= 30; count++) await attempt(1000, new TilthError("http.reset", `broken ${count}`));
    const { lastErrors } = host.readStatistics();
    expect(lastErrors).toHaveLength(20);
    expect(lastErrors[0]).toEqual({ atMs: clock.now(), code: "http.reset", message: "broken 30" });
    expect(lastErrors[19]).toEqual({ atMs: clock.now() - 19_000, code: "http.reset", message: "broken 11" });
    await attempt(1, new Error("x".repeat(10_000)));
    expect(host.readStatistics().lastErrors[0]).toMatchObject({ code: "internal", message: "x".repeat(500) });
  });

  test("leave out what our own side broke off", async () => {
    const { host, attempt } = makeHost();
    await attempt(5, new CancelledError());
    await attempt(5, new TilthError("http.forbidden", "not this one"));
    expect(host.readStatistics()).toMatchObject({ latencyMs: null, lastErrors: [], latency: { count: 0 } });
  });
});

test("bytes are counted for the host that sent them, as they came over the wire", async () => {
  const [first, second] = [await kit.origin(), await kit.origin()];
  first.on("/a", { status: 302, headers: { location: second.url("/b") }, body: "moved" });
  second.on("/b", { body: "x".repeat(1000) });
  const client = kit.client();
  const hosts = [client.hosts.get(first.host), client.hosts.get(second.host)];
  for (let count = 0; count < 2; count++) await client.request(first.url("/a"));
  expect(hosts.map((host) => host.readStatistics().receivedBytes)).toEqual([10, 2000]);
});
