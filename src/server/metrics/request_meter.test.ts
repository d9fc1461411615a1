import { expect, test } from "vitest";
import { RecentTimes } from "./recent_times.ts";
import { RequestMeter } from "./request_meter.ts";

test("a summary counts outcomes, failures and bytes of all kinds, and times of tiles", () => {
  const meter = new RequestMeter();
  expect(meter.readSummary()).toMatchObject({ requests: 0, failed: 0, sentBytes: 0, tileMs: null });
  for (const outcome of ["hit", "hit", "missing"] as const) meter.countTile(outcome);
  for (let ms = 1; ms <= 100; ms++) meter.count("tile", ms === 100 ? 502 : 200, ms / 1000, 10);
  meter.count("api", 500, 9, 7);
  meter.count("document", 404, 9);
  const { tileMs, ...counts } = meter.readSummary();
  expect(counts).toEqual({
    tiles: { hit: 2, fetched: 0, enlarged: 0, missing: 1 },
    requests: 102,
    failed: 2,
    sentBytes: 1007,
  });
  expect([tileMs?.p50, tileMs?.p95, tileMs?.p99].map((ms) => Math.round(ms ?? 0))).toEqual([50, 95, 99]);
});

test("old times are forgotten", () => {
  const times = new RecentTimes();
  expect(times.readPercentiles()).toBeNull();
  for (let count = 0; count < 1024; count++) times.add(900);
  for (let count = 0; count < 1024; count++) times.add(3);
  expect(times.readPercentiles()).toEqual({ p50: 3, p95: 3, p99: 3 });
});
