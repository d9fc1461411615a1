import { describe, expect, test } from "vitest";
import { HttpClient } from "../../net/index.ts";
import { CancelledError, type TilthError } from "../../core/index.ts";
import type { FakeOverpass, OverpassFault } from "../../../test/support/fake_overpass.ts";
import { gridWorldBox, makeGridWorld } from "../../../test/support/grid_world.ts";
import { useOverpass } from "../../../test/support/overpass_run.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { BudgetMeter, PUBLIC_BUDGET, type DailyBudget } from "./budget.ts";
import type { OperatorSlot } from "./operator.ts";
import { OverpassClient, type OverpassWait } from "./overpass_client.ts";
import { countQuery } from "./queries.ts";

const world = makeGridWorld(3);
const QUERY = countQuery(gridWorldBox(3), null, { timeoutS: 180, maxSizeBytes: 1e8 });
const WHOLE = { accept: async (body: Uint8Array): Promise<Uint8Array> => body };
const kit = useOverpass();
const folder = useTempFolder();

/** Fails with these, one after another, then answers. */
const failing =
  (...faults: OverpassFault[]) =>
  (index: number): OverpassFault | null =>
    faults[index] ?? null;

interface OpenOptions {
  budget?: DailyBudget;
  attempts?: number;
  onWait?: (wait: OverpassWait) => void;
  shareOperator?: (operator: string) => OperatorSlot;
}

function open(service: FakeOverpass, options: OpenOptions = {}): OverpassClient {
  const { budget = PUBLIC_BUDGET, attempts, shareOperator, onWait } = options;
  const meter = new BudgetMeter(folder.path("budget"), budget, kit.clock);
  const { endpoint } = service;
  const client = kit.client({ userAgent: "Tilth/0.1 (test; contact: someone@example.org)" });
  return new OverpassClient({
    client,
    endpoint,
    budget: meter,
    timeoutS: 180,
    attempts,
    shareOperator,
    onWait,
    clock: kit.clock,
    random: () => 0,
  });
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  kit.settle(promise).then(
    () => "none",
    (error: unknown) => (error as TilthError).code,
  );

const pausesOf = (service: FakeOverpass): number[] =>
  service.queries().flatMap(({ atMs }, i, all) => (i === 0 ? [] : [(atMs - (all[i - 1]?.atMs ?? 0)) / 1000]));

describe("politeness", () => {
  test("a place is asked for before the first query, and who asks is said", async () => {
    const service = await kit.start({ world });
    await kit.settle(open(service).query(QUERY, WHOLE));
    expect(service.log.map(({ kind }) => kind)).toEqual(["status", "query"]);
    for (const { userAgent } of service.log) expect(userAgent).toBe("Tilth/0.1 (test; contact: someone@example.org)");
  });

  test("one query at a time, however many clients and jobs ask an operator", async () => {
    const service = await kit.start({ world, fault: failing({ kind: "busy" }, { kind: "quota" }) });
    const clients = [open(service), open(service), open(service)];
    await kit.settle(Promise.all([...clients, ...clients].map((client) => client.query(QUERY, WHOLE))));
    expect(service.queries()).toHaveLength(8);
    expect(service.queries().map(({ besides }) => besides)).toEqual(Array.from({ length: 8 }, () => 0));
  });

  test("after a 429 nothing is asked for 30 s, then the status, then when it has a place", async () => {
    const waiting = "Rate limit: 2\nSlot available after: 2026-01-01T00:00:00Z, in 45 seconds.\n";
    let asked = 0;
    const status = (): string => (asked++ === 1 ? waiting : "Rate limit: 2\n1 slots available now.\n");
    const service = await kit.start({ world, fault: failing({ kind: "quota" }), status });
    await kit.settle(open(service).query(QUERY, WHOLE));
    // What it said may be old when the place is there: it is asked once more.
    expect(service.log.map(({ kind }) => kind)).toEqual(["status", "query", "status", "status", "query"]);
    const [, first = 0, second = 0, , last = 0] = service.log.map(({ atMs }) => atMs / 1000);
    expect(second - first).toBeGreaterThanOrEqual(30);
    expect(last - second).toBeGreaterThanOrEqual(45);
  });

  test("a place that is far away is waited for, and so is what the status page asks for", async () => {
    const far = "Rate limit: 1\nSlot available after: 2026-01-01T00:00:00Z, in 1500 seconds.\n";
    const said = [far, { retryAfterS: 120 }];
    const service = await kit.start({ world, status: () => said.shift() ?? "Rate limit: 1\n1 slots available now.\n" });
    await kit.settle(open(service).query(QUERY, WHOLE));
    expect(service.log.map(({ kind }) => kind)).toEqual(["status", "status", "query"]);
    const [first = 0, second = 0, last = 0] = service.log.map(({ atMs }) => atMs / 1000);
    expect(second - first).toBeGreaterThanOrEqual(1500);
    expect(last - second).toBeGreaterThanOrEqual(120);
  });

  test("every pause is told, with its reason, before it is made", async () => {
    const service = await kit.start({ world, fault: failing({ kind: "busy", retryAfterS: 90 }, { kind: "quota" }) });
    const waits: OverpassWait[] = [];
    await kit.settle(open(service, { onWait: (wait) => waits.push(wait) }).query(QUERY, WHOLE));
    expect(waits.map(({ waitMs }) => Math.round(waitMs / 1000))).toEqual([90, 30]);
    expect(waits.map(({ why }) => why)).toEqual([
      expect.stringContaining("asks to be left alone (504)"),
      expect.stringContaining("has no free place for this address (429)"),
    ]);
    await expect(
      kit.settle(open(service, { attempts: 1, onWait: (wait) => waits.push(wait) }).query("x", WHOLE)),
    ).rejects.toThrow();
    expect(waits).toHaveLength(2);
  });

  test("after a 504 pauses grow, up to ten minutes", async () => {
    const busy = Array.from({ length: 7 }, () => ({ kind: "busy" }) as const);
    const service = await kit.start({ world, fault: failing(...busy) });
    await kit.settle(open(service, { attempts: 8 }).query(QUERY, WHOLE));
    expect(pausesOf(service).map(Math.floor)).toEqual([30, 60, 120, 240, 480, 600, 600]);
  });

  test.each(["quota", "busy"] as const)("Retry-After of a %s is obeyed, up to a day", async (kind) => {
    const service = await kit.start({ world, fault: failing({ kind, retryAfterS: 7000 }) });
    await kit.settle(open(service).query(QUERY, WHOLE));
    expect(pausesOf(service)[0]).toBeGreaterThanOrEqual(7000);
    const closed = await kit.start({ world, fault: () => ({ kind, retryAfterS: 200_000 }) });
    await kit.clock.advance(10_000_000);
    const until = new Date(kit.clock.now() + 200_000_000).toISOString();
    await expect(kit.settle(open(closed).query(QUERY, WHOLE))).rejects.toMatchObject({
      code: "overpass.refused",
      message: expect.stringContaining(until),
    });
    expect(closed.queries()).toHaveLength(1);
    await kit.clock.advance(200_000_000);
  });

  test("who is closed for more than a day is not waited for by others either", async () => {
    const closed = await kit.start({ world, fault: failing({ kind: "quota", retryAfterS: 200_000 }) });
    expect(await codeOf(open(closed).query(QUERY, WHOLE))).toBe("overpass.refused");
    const next = open(closed);
    const startedMs = kit.clock.monotonicMs();
    expect([next.isClosed, await codeOf(next.query(QUERY, WHOLE))]).toEqual([true, "overpass.refused"]);
    expect([kit.clock.monotonicMs(), closed.queries().length]).toEqual([startedMs, 1]);
    await kit.clock.advance(200_000_000);
    expect(await codeOf(next.query(QUERY, WHOLE))).toBe("none");
  });

  test("who takes no connections is asked twice", async () => {
    const service = await kit.start({ world });
    const client = open(service);
    await service.close();
    const startedMs = kit.clock.monotonicMs();
    expect(await codeOf(client.query(QUERY, WHOLE))).toBe("http.connect");
    expect(kit.clock.monotonicMs() - startedMs).toBeLessThan(60_000);
    await kit.clock.advance(600_000);
  });

  test("who asks next waits as long as who gave up would have", async () => {
    const service = await kit.start({ world, fault: failing({ kind: "busy" }, { kind: "quota" }) });
    const [first, second] = [open(service, { attempts: 1 }), open(service, { attempts: 1 })];
    expect(await codeOf(first.query(QUERY, WHOLE))).toBe("overpass.busy");
    expect([first.isResting, second.isResting]).toEqual([true, true]);
    expect(await codeOf(second.query(QUERY, WHOLE))).toBe("overpass.quota");
    await kit.settle(second.query(QUERY, WHOLE));
    for (const pause of pausesOf(service)) expect(pause).toBeGreaterThanOrEqual(30);
  });

  test("a connection that breaks is no reason to ask again at once", async () => {
    const faults = [{ kind: "reset" }, { kind: "cut" }, { kind: "cutChunks" }, { kind: "hangs" }] as const;
    const service = await kit.start({ world, fault: failing(...faults) });
    await kit.settle(open(service).query(QUERY, WHOLE));
    for (const pause of pausesOf(service)) expect(pause).toBeGreaterThanOrEqual(30);
  });
});

describe("an operator that other machines ask as well", () => {
  test("is asked while its slot is held, and its rest is told", async () => {
    const service = await kit.start({ world, fault: failing({ kind: "busy", retryAfterS: 700 }) });
    const said: string[] = [];
    service.onRequest = ({ kind }) => void said.push(kind);
    const shareOperator = (operator: string): OperatorSlot => ({
      acquire: () => {
        said.push(`takes ${operator.split(":")[0]}`);
        return Promise.resolve(() => void said.push("leaves"));
      },
      rest: (ms) => void said.push(`rests ${ms / 1000} s`),
    });
    const client = open(service, { shareOperator });
    await kit.settle(client.query(QUERY, WHOLE));
    await kit.settle(client.query(QUERY, WHOLE));
    const first = ["takes 0.1", "status", "query", "rests 700 s", "rests 30 s", "query", "leaves"];
    expect(said).toEqual([...first, "takes 0.1", "query", "leaves"]);
  });

  test("is left to the next in this process when its slot cannot be had", async () => {
    const service = await kit.start({ world });
    const shareOperator = (): OperatorSlot => ({
      acquire: () => Promise.reject(new CancelledError()),
      rest: () => undefined,
    });
    expect(await codeOf(open(service, { shareOperator }).query(QUERY, WHOLE))).toBe("cancelled");
    await kit.settle(open(service).query(QUERY, WHOLE));
    expect(service.queries()).toHaveLength(1);
  });
});

describe("the budget of a day", () => {
  test("is kept over restarts, counts what broke, and begins anew at midnight UTC", async () => {
    const service = await kit.start({ world, fault: failing({ kind: "reset" }) });
    const budget = { requests: 3, bytes: 1e9 };
    await kit.settle(open(service, { budget }).query(QUERY, WHOLE));
    await kit.settle(open(service, { budget }).query(QUERY, WHOLE));
    expect(await codeOf(open(service, { budget }).query(QUERY, WHOLE))).toBe("overpass.budget");
    expect(service.queries()).toHaveLength(3);
    await kit.clock.advance(86_400_000 - (kit.clock.now() % 86_400_000));
    expect(await codeOf(open(service, { budget }).query(QUERY, WHOLE))).toBe("none");
  });

  test("counts the bytes of answers that broke", async () => {
    const service = await kit.start({ world, fault: () => ({ kind: "cut" }) });
    const budget = { requests: 100, bytes: 500 };
    expect(await codeOf(open(service, { budget }).query(QUERY, WHOLE))).toBe("overpass.budget");
    expect(service.queries().length).toBeLessThan(5);
  });

  test("of bytes is one for all jobs of a process", async () => {
    const service = await kit.start({ world });
    const clients = [0, 1, 2].map(() => open(service, { budget: { requests: 100, bytes: 500 } }));
    const codes = await Promise.all(clients.map((client) => codeOf(client.query(QUERY, WHOLE))));
    // One answer has 300 bytes: the second goes past the budget, the third is not asked for.
    expect(codes).toEqual(["none", "none", "overpass.budget"]);
    expect(service.queries()).toHaveLength(2);
  });
});

describe("answers that no waiting changes", () => {
  test.each([
    ["syntax", "overpass.query"],
    ["refused", "overpass.refused"],
    ["remark", "overpass.incomplete"],
    ["truncated", "overpass.incomplete"],
    ["html", "overpass.answer"],
  ] as const)("%s is %s, asked once", async (kind, code) => {
    const service = await kit.start({ world, fault: failing({ kind }) });
    expect(await codeOf(open(service).query(QUERY, WHOLE))).toBe(code);
    expect(service.queries()).toHaveLength(1);
  });
});

test("a service that sends queries on is not followed; where to is said, without secrets", async () => {
  const to = "https://me:hidden@mirror.example.org/api/interpreter?key=hidden";
  const service = await kit.start({ world, fault: failing({ kind: "redirect", to }) });
  const error: unknown = await kit.settle(open(service).query(QUERY, WHOLE)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "http.redirect",
    message: expect.stringContaining("name it: --overpass https://mirror.example.org/api/interpreter"),
  });
  expect(JSON.stringify(error) + String(error)).not.toContain("hidden");
  const odd = await kit.start({ world, fault: failing({ kind: "redirect", to: "ftp://mirror.example.org/" }) });
  await expect(kit.settle(open(odd).query(QUERY, WHOLE))).rejects.toThrow(/not allowed.*; ask another service/);
});

test("every wait ends at once when the signal aborts, and the place in the line is free again", async () => {
  const service = await kit.start({ world, fault: failing({ kind: "busy" }, { kind: "hangs" }) });
  const client = open(service);
  for (const [moment, hold] of [
    ["the pause", () => kit.clock.pendingTimers > 0],
    ["the body", () => service.hanging > 0],
  ] as const) {
    const stop = new AbortController();
    const queries = [
      client.query(QUERY, { ...WHOLE, signal: stop.signal }),
      client.query(QUERY, { ...WHOLE, signal: stop.signal }),
    ];
    const ended = Promise.allSettled(queries);
    // A promise that never settles lets time pass; it is given up when the moment has come.
    if (moment === "the body") while (kit.clock.pendingTimers > 0) await kit.clock.advance(1000);
    while (!hold()) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort();
    for (const result of await ended) expect(result).toMatchObject({ reason: { code: "cancelled" } });
    if (moment === "the pause") await kit.clock.advance(60_000);
  }
  expect(await codeOf(client.query(QUERY, WHOLE))).toBe("none");
});

describe("a service", () => {
  const budget = new BudgetMeter("none", PUBLIC_BUDGET, kit.clock);
  const make = (endpoint: string, userAgent: string) => (): OverpassClient =>
    new OverpassClient({
      client: new HttpClient({ userAgent, proxyFromEnvironment: false }),
      endpoint,
      budget,
      timeoutS: 1,
    });

  test("of the public must be told who asks", () => {
    const nameless = "Tilth/0.1 (tile seeder; contact: not given)";
    for (const host of ["overpass.example.org", "127.example.org", "localhost.example.org"])
      expect(make(`https://${host}/api/interpreter`, nameless)).toThrow("TILTH_CONTACT");
    for (const host of ["127.0.0.1:1", "localhost", "[::1]:1"])
      expect(make(`http://${host}/api/interpreter`, nameless)).not.toThrow();
    expect(make("https://overpass.example.org/api/interpreter", "me")).toThrow("--user-agent");
    for (const contact of ["me@example.org", "https://example.org/me"])
      expect(make("https://overpass.example.org/api/interpreter", `Tilth (contact: ${contact})`)).not.toThrow();
    expect(make("http://127.0.0.1:1/api/interpreter", " ")).toThrow("an empty one");
  });

  test("has an address that is a URL", () => {
    for (const endpoint of ["overpass", "ftp://example.org/", ""])
      expect(make(endpoint, "me")).toThrow("expected the URL of an Overpass interpreter");
    expect(make("ftp://me:hidden@example.org/", "me")).toThrow(/^(?!.*hidden).*example\.org/);
  });
});
