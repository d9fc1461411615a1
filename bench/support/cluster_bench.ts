import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  clusterReport,
  openPostgresBook,
  submitSeed,
  type ClusterBook,
  type ClusterReport,
  type SeedDefinition,
} from "../../src/cluster/index.ts";
import { sleep } from "../../src/core/index.ts";
import { bboxCoverage, webMercatorQuad } from "../../src/grid/index.ts";
import type { LonLatBbox } from "../../src/geo/index.ts";
import { openStore } from "../../src/store/index.ts";

const BUILT = fileURLToPath(new URL("../../bin/tilth.js", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
/** The built command where there is one. */
export const TILTH = existsSync(new URL("../../dist", import.meta.url)) ? BUILT : SOURCE;

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

/** Ready to take blocks when it resolves. */
export async function startWorker(url: string, name: string, args: readonly string[] = []): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [TILTH, "worker", "--cluster", url, "--name", name, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).on("line", (line) => {
      if (process.env["VERBOSE"] !== undefined) console.error(`${name}: ${line}`);
      if (line.startsWith("worker ")) resolve();
    });
    void ended.then(() => reject(new Error(`worker ${name} ended before it began`)));
  });
  return { name, child, ended };
}

export async function stopWorkers(workers: readonly WorkerProcess[]): Promise<void> {
  for (const { child } of workers) child.kill("SIGINT");
  await Promise.all(workers.map(({ ended }) => ended));
}

export interface SubmitOptions {
  readonly template: string;
  readonly bbox: LonLatBbox;
  readonly zooms: readonly number[];
  readonly cache: string;
  readonly blockTiles?: number;
  readonly options?: Record<string, unknown>;
}

/** Makes the cache and submits, as the command does it. */
export async function submit(
  url: string,
  book: ClusterBook,
  options: SubmitOptions,
): Promise<{ id: string; planned: number }> {
  const { template, bbox, zooms, cache, blockTiles = null } = options;
  const tiles = await openStore(`${url}?layer=${cache}`, {
    mode: "write",
    grid: webMercatorQuad(),
    metadata: { sourceId: template },
  });
  const definition: SeedDefinition = {
    source: template,
    options: { concurrency: "auto", timeout: "30s", header: {}, dimension: {}, ...options.options },
    task: { coverage: bboxCoverage(bbox), zooms, sourceId: template },
    cache,
    refreshAgeMs: null,
    retries: 5,
    blockTiles,
  };
  const submitted = await submitSeed(book, tiles, definition, { nowMs: Date.now() });
  await tiles.close();
  return submitted;
}

/** Asks every 50 ms until the seed is over; the database may be away meanwhile. */
export async function untilOver(book: ClusterBook, id: string, timeoutMs = 600_000): Promise<ClusterReport> {
  for (const untilMs = performance.now() + timeoutMs; performance.now() < untilMs; await sleep(50)) {
    const seed = await book.getSeed(id).catch(() => null);
    if (seed?.state === "ended" || seed?.state === "cancelled") return clusterReport(await book.getStatus(id));
  }
  throw new Error(`the seed is not over after ${timeoutMs} ms: ${JSON.stringify(await book.getStatus(id))}`);
}

export const openBook = openPostgresBook;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export function say(what: string, got: string, bar: string, isKept: boolean): void {
  console.log(`${what.padEnd(64)} ${got.padStart(14)}   ${bar.padEnd(14)} ${isKept ? "kept" : "MISSED"}`);
  if (!isKept) process.exitCode = 1;
}
