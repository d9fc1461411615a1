import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { CutProxy } from "../../../test/support/cut_proxy.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { HostRegistry, httpError, type HostPolicy, type HostState } from "../../net/index.ts";
import { openPostgres } from "../../postgres/index.ts";
import { ClusterHosts } from "./cluster_hosts.ts";
import { openPostgresBudget } from "./postgres_budget.ts";

// A server of our own, whatever is named from outside: it is stopped.
const server = usePostgres({ settings: {} });
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A worker's view of a host, over a database at `url`. */
async function openHost(name: string, policy: HostPolicy, url = server().url): Promise<HostState> {
  const database = await openPostgres(url, { maxConnections: 2 });
  opened.push(() => database.close());
  const hosts = await ClusterHosts.open({ book: await openPostgresBudget(database) });
  opened.push(() => hosts.close());
  const host = new HostRegistry({ defaultPolicy: policy, shareHost: hosts.shareHost }).get(name);
  // Somebody waits for it all the time.
  opened.push(host.watch(() => void host.delayMs()));
  return host;
}

const mayStart = (host: HostState): Promise<void> =>
  expect.poll(() => host.delayMs(), { timeout: 20_000, interval: 20 }).toBe(0);

const WORKER = fileURLToPath(new URL("../../../test/support/budget_worker.ts", import.meta.url));

async function startWorker(origin: string, policy: HostPolicy): Promise<ChildProcess> {
  const child = spawn(process.execPath, [WORKER, server().url, origin, JSON.stringify(policy), "w"]);
  opened.push(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  child.stdin.write("go\n");
  return child;
}

describe("a budget in PostgreSQL", () => {
  it("has the place of a worker that was killed free again by its own clock", async () => {
    const asked: Server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(asked, "listening");
    opened.push(() => {
      asked.closeAllConnections();
      asked.close();
    });
    const origin = `127.0.0.1:${(asked.address() as AddressInfo).port}`;
    const child = await startWorker(`http://${origin}`, { concurrency: 1 });
    await once(asked, "request");
    child.kill("SIGKILL");
    await once(child, "exit");
    const host = await openHost(origin, { concurrency: 1 });
    expect(host.delayMs()).toBeNull();
    const wants = "SELECT FROM tilth.budget_member WHERE wants > 0 AND holds = 0";
    await expect
      .poll(() =>
        server()
          .run(wants)
          .then((rows) => rows.length),
      )
      .toBe(1);
    expect(host.delayMs()).toBeNull();
    // Ten seconds pass for the one that says nothing any more.
    await server().run("UPDATE tilth.budget_member SET seen_ms = seen_ms - 11000 WHERE holds > 0");
    await mayStart(host);
  });

  it("tells the others of a pause, within an instant", async () => {
    const [a, b] = [await openHost("told:80", { concurrency: 4 }), await openHost("told:80", { concurrency: 4 })];
    await Promise.all([mayStart(a), mayStart(b)]);
    a.finish(
      a.begin("first"),
      httpError("http.throttled", "", { url: "http://h/", status: 429, retryAfterMs: 60_000 }),
    );
    await expect.poll(() => b.status.pausedMs).toBeGreaterThan(50_000);
    expect(b.delayMs()).toBeGreaterThan(50_000);
  });

  it("hears of what it missed while its line was cut", async () => {
    const proxy = await CutProxy.start(Number(new URL(server().url).port));
    opened.push(() => proxy.close());
    const near = await openHost("cut:80", { concurrency: 4, ratePerSecond: 50 });
    const far = await openHost("cut:80", { concurrency: 4, ratePerSecond: 50 }, proxy.urlOf(server().url));
    await Promise.all([mayStart(near), mayStart(far)]);
    proxy.refuse();
    const error = httpError("http.throttled", "", { url: "http://h/", status: 429, retryAfterMs: 60_000 });
    near.finish(near.begin("first"), error);
    const isWritten = "SELECT FROM tilth.budget_host WHERE host = 'cut:80' AND paused_until_ms > at_ms + 50000";
    await expect
      .poll(() =>
        server()
          .run(isWritten)
          .then((rows) => rows.length),
      )
      .toBe(1);
    // What it has is used up, and nothing comes: without the book it starts nothing.
    while (far.delayMs() === 0) far.finish(far.begin("first"));
    expect(far.status.pausedMs).toBe(0);
    proxy.open();
    await expect.poll(() => far.status.pausedMs, { timeout: 20_000 }).toBeGreaterThan(40_000);
  });

  it("goes on after the database was restarted, and nobody crashes meanwhile", async () => {
    const host = await openHost("restarted:80", { concurrency: 4, ratePerSecond: 100 });
    await mayStart(host);
    await server().stop();
    const used = (): number => {
      while (host.delayMs() === 0) host.finish(host.begin("first"));
      return host.status.requests;
    };
    const before = used();
    expect(used()).toBe(before);
    await server().start();
    await expect.poll(used, { timeout: 20_000 }).toBeGreaterThan(before + 30);
  });
});
