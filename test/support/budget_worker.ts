/**
 * A worker of a cluster as a process: `node budget_worker.ts DATABASE ORIGIN POLICY NAME` asks ORIGIN as fast as its share of the host allows
 * until it is told to stop (a line on stdin, or a kill). It says `ready` when it has its book, and waits for a first line before it begins.
 */
import { ClusterHosts, openPostgresBudget } from "../../src/cluster/index.ts";
import { FetchPump, HttpClient, parseRetryAfter, httpError, type HostPolicy } from "../../src/net/index.ts";
import { openPostgres } from "../../src/postgres/index.ts";

const [databaseUrl = "", originUrl = "", policy = "{}", name = ""] = process.argv.slice(2);

await using database = await openPostgres(databaseUrl, { maxConnections: 2 });
const book = await openPostgresBudget(database);
await using hosts = await ClusterHosts.open({ book });
const client = new HttpClient({ defaultPolicy: JSON.parse(policy) as HostPolicy, shareHost: hosts.shareHost });
client.prepare();
const host = client.hosts.get(new URL(originUrl).host);
const stop = new AbortController();

async function attempt(): Promise<void> {
  const { status, headers } = await client.request(`${originUrl}/${name}`, { signal: stop.signal });
  if (status === 200) return;
  const retryAfterMs = parseRetryAfter(headers["retry-after"], Date.now()) ?? undefined;
  throw httpError(status === 429 ? "http.throttled" : "http.status", "", { url: originUrl, status, retryAfterMs });
}

async function* forEver(): AsyncGenerator<Iterable<number>> {
  for (;;) yield await Promise.resolve(Array(100).keys());
}

const lines = process.stdin[Symbol.asyncIterator]();
process.stdout.write("ready\n");
await lines.next();
const pump = new FetchPump({
  batches: forEver(),
  hosts: [host],
  attempt,
  settle: () => undefined,
  signal: stop.signal,
});
const running = pump.run().catch(() => undefined);
await lines.next();
stop.abort();
await running;
await client.close();
