/**
 * Do many machines together keep a host's limit? `node bench/cluster_rate.ts [seconds] [workers]`: workers are processes that share 100 requests
 * a second over one PostgreSQL, as fast as they may, against a loopback origin that keeps the time of each request. Then a `429` with
 * `Retry-After: 5` is given to one of them. The server is the one of the tests (embedded, or that of TILTH_TEST_POSTGRES).
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { sleep } from "../src/core/index.ts";
import { startPostgres } from "../test/support/postgres.ts";

const seconds = Number(process.argv[2] ?? 30);
const count = Number(process.argv[3] ?? 8);
const RATE = 100;
const WINDOW_MS = 10_000;
const WORKER = fileURLToPath(new URL("../test/support/budget_worker.ts", import.meta.url));

interface Arrival {
  readonly atMs: number;
  readonly worker: string;
}

const arrivals: Arrival[] = [];
let refuseNext = false;
let refusedAtMs = 0;

const origin = createServer((request, response) => {
  arrivals.push({ atMs: performance.now(), worker: request.url ?? "" });
  if (!refuseNext) return void setTimeout(() => response.end("tile"), 20);
  refuseNext = false;
  refusedAtMs = performance.now();
  response.writeHead(429, { "retry-after": "5" }).end();
}).listen(0, "127.0.0.1");
await once(origin, "listening");
const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;

/** Fewest and most arrivals in any window of `WINDOW_MS` that lies within the span. */
function windowsWithin(fromMs: number, toMs: number): { fewest: number; most: number } {
  const times = arrivals.map(({ atMs }) => atMs);
  // A count changes only where a window begins or ends at an arrival.
  const starts = [fromMs, ...times, ...times.map((atMs) => atMs - WINDOW_MS + 0.001)];
  let [fewest, most] = [Infinity, 0];
  for (const start of starts.filter((atMs) => atMs >= fromMs && atMs + WINDOW_MS <= toMs)) {
    for (const from of [start, start + 0.001]) {
      const within = times.filter((atMs) => atMs >= from && atMs < from + WINDOW_MS).length;
      fewest = Math.min(fewest, within);
      most = Math.max(most, within);
    }
  }
  return { fewest, most };
}

async function startWorker(databaseUrl: string, name: string): Promise<ChildProcess> {
  const policy = JSON.stringify({ ratePerSecond: RATE });
  const child = spawn(process.execPath, [WORKER, databaseUrl, url, policy, name], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout as NodeJS.ReadableStream, "data");
  return child;
}

function say(what: string, got: string, bar: string, isKept: boolean): void {
  console.log(`${what.padEnd(58)} ${got.padStart(10)}   ${bar.padEnd(12)} ${isKept ? "kept" : "MISSED"}`);
  if (!isKept) process.exitCode = 1;
}

const database = await startPostgres();
const [before] = await database.run(
  "SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()",
);
const workers: ChildProcess[] = [];
for (let i = 0; i < count; i++) workers.push(await startWorker(database.url, `w${i}`));
for (const worker of workers) worker.stdin?.write("go\n");
while (arrivals.length === 0) await sleep(1);
const startMs = performance.now();
await sleep(seconds * 1000);
const endMs = performance.now();
refuseNext = true;
while (refusedAtMs === 0) await sleep(1);
await sleep(4800);
const late = arrivals.filter(({ atMs }) => atMs > refusedAtMs);
const lastMs = Math.max(0, ...late.map(({ atMs }) => atMs - refusedAtMs));
await sleep(8000);
const after = arrivals.filter(({ atMs }) => atMs > refusedAtMs + 4800);
const firstMs = Math.min(...after.map(({ atMs }) => atMs - refusedAtMs));
const [row] = await database.run(
  "SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()",
);
for (const worker of workers) worker.stdin?.end("stop\n");
for (const worker of workers) if (worker.exitCode === null) await once(worker, "exit");
origin.close();
origin.closeAllConnections();

// Counted at the end: the origin would not answer meanwhile.
const { fewest, most } = windowsWithin(startMs + 1000, endMs);
const { most: mostAtAll } = windowsWithin(startMs - 100, endMs);
const inSpan = arrivals.filter(({ atMs }) => atMs <= endMs);
const each = workers.map((_, i) => inSpan.filter(({ worker }) => worker === `/w${i}`).length);
const per10 = (RATE * WINDOW_MS) / 1000;
console.log(`${count} workers, ${RATE} requests/s together, ${seconds} s: ${inSpan.length} requests`);
say("most in any 10 s, from the first request on", String(mostAtAll), `<= ${per10 * 1.05}`, mostAtAll <= per10 * 1.05);
say("most in any 10 s after the first second", String(most), `<= ${per10 * 1.05}`, most <= per10 * 1.05);
say("fewest in any 10 s after the first second", String(fewest), `>= ${per10 * 0.95}`, fewest >= per10 * 0.95);
say("fewest requests of a worker", String(Math.min(...each)), "> 0", Math.min(...each) > 0);
say("last arrival after a 429 with Retry-After: 5", `${lastMs.toFixed(0)} ms`, "<= 1000 ms", lastMs <= 1000);
say("requests after it", String(late.length), "", true);
say("first arrival after the pause", `${firstMs.toFixed(0)} ms`, ">= 5000 ms", firstMs >= 5000);
const perRequest = (Number(row?.["n"]) - Number(before?.["n"])) / arrivals.length;
say("transactions of the database for a request", perRequest.toFixed(2), "<= 0.5", perRequest <= 0.5);
await database.close();
