import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SeedProgress } from "../seed/index.ts";
import { formatBar, formatProgress, showProgress } from "./progress_line.ts";

const progress = (changes: Partial<SeedProgress> = {}): SeedProgress => ({
  planned: 200,
  present: 10,
  stored: 70,
  empty: 15,
  failed: 5,
  cancelled: 0,
  rejected: 0,
  state: "running",
  done: 100,
  bytes: 1_234_567,
  requests: 90,
  retries: 0,
  elapsedMs: 1000,
  tilesPerSecond: 41.7,
  etaMs: 125_000,
  zoom: 7,
  hosts: [host()],
  ...changes,
});

function host(changes: Partial<SeedProgress["hosts"][number]> = {}): SeedProgress["hosts"][number] {
  return {
    host: "a.example",
    breaker: "closed",
    concurrencyLimit: 8,
    inFlight: 3,
    pausedMs: 0,
    lastError: null,
    ...changes,
  };
}

/** A terminal that keeps what is written. */
function fakeStream(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

describe("formatProgress", () => {
  test("says what was done, how fast and how long it will take", () => {
    expect(formatProgress(progress())).toBe(
      "50% z7 100/200 (present 10, stored 70, empty 15, failed 5) 1.2 MB 42 tiles/s ETA 2 min 5 s x8",
    );
  });

  test("names a host that is paused or broken, and a full disk", () => {
    const paused = progress({ hosts: [host(), host({ host: "b.example", pausedMs: 4000 })] });
    expect(formatProgress(paused)).toMatch(/ x16 b\.example: paused 4\.0 s$/);
    expect(formatProgress(progress({ hosts: [host({ breaker: "open" })] }))).toMatch(/ a\.example: breaker open$/);
    expect(formatProgress(progress({ state: "pausedDiskFull" }))).toMatch(/ DISK FULL: waiting for space$/);
  });

  test("of nothing planned is 100 %, and a time that nobody knows is left out", () => {
    const none = progress({ planned: 0, done: 0, etaMs: null, zoom: null, hosts: [] });
    expect(formatProgress(none)).toMatch(/^100% z- 0\/0 /);
    expect(formatProgress(none)).not.toContain("ETA");
  });

  test("does not round up to 100 % before the end", () => {
    expect(formatProgress(progress({ planned: 1_000_000, done: 999_999 }))).toMatch(/^99\.9% /);
  });
});

describe("formatBar", () => {
  test.each([
    [0, 200, "[........................] "],
    [100, 200, "[############............] "],
    [200, 200, "[########################] "],
    [0, 0, "[########################] "],
    [300, 200, "[########################] "],
  ])("of %i of %i is %s", (done, planned, bar) => {
    expect(formatBar(progress({ done, planned })).startsWith(bar)).toBe(true);
  });
});

describe("showProgress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each([20, 80, 500])("on a terminal of %i columns draws within one line, five times a second", (columns) => {
    const { written, stream } = fakeStream(true, columns);
    const { stop } = showProgress(() => progress(), stream);
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(5);
    stop();
    expect(written.at(-1)).toBe("\n");
    for (const line of written.slice(0, -1)) {
      expect(line.startsWith("\r\x1b[2K[")).toBe(true);
      expect(line.length - "\r\x1b[2K".length).toBeLessThan(columns);
    }
    vi.advanceTimersByTime(10_000);
    expect(written).toHaveLength(7);
  });

  test("elsewhere writes a plain line each five seconds and nothing at the end", () => {
    const { written, stream } = fakeStream(false);
    const { stop } = showProgress(() => progress(), stream);
    vi.advanceTimersByTime(10_000);
    stop();
    expect(written).toEqual([`${formatProgress(progress())}\n`, `${formatProgress(progress())}\n`]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
