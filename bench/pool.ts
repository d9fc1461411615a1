import { Worker } from "node:worker_threads";
import {
  BoundedQueue,
  CancellableThreadPool,
  Semaphore,
  WorkerPool,
  workerTask,
  transferred,
} from "../src/concurrency/index.ts";

/**
 * What do the pools cost? Each line is a ratio to the barest loop that does the same, in the same run: the machine is noisy.
 * `node bench/pool.ts`; this file is also the worker module that it measures.
 */
export function swap(pixels: Uint8Array<ArrayBuffer>): ReturnType<typeof transferred<Uint8Array<ArrayBuffer>>> {
  return transferred(pixels, [pixels.buffer]);
}

const TILE_BYTES = 256 * 256 * 4;
const IN_FLIGHT = 64;
const THREADS = 2;
const settled = Promise.resolve();

async function perSecond(count: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  const startedMs = performance.now();
  await run();
  return (count / (performance.now() - startedMs)) * 1_000;
}

/** `IN_FLIGHT` loops that share one counter: the least that bounds concurrency. */
async function bareLoops(count: number, width: number, task: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, loop));
}

async function measureFunctions(count: number): Promise<[string, number, number]> {
  const bare = await perSecond(count, () => bareLoops(count, IN_FLIGHT, async () => undefined));
  const pooled = await perSecond(count, async () => {
    await using pool = new CancellableThreadPool({ maxWorkers: IN_FLIGHT, timeout: 30_000 });
    for (let n = 0; n < count; n += 1) void pool.submitTask(async () => n);
    await pool.waitCompletion();
  });
  return [`CancellableThreadPool, empty functions, timeout set`, pooled, bare];
}

async function measureQueue(count: number): Promise<[string, number, number]> {
  const bare = await perSecond(count, async () => {
    const array: number[] = [];
    for (let n = 0; n < count; n += 1) {
      array.push(n);
      await settled;
      array.pop();
    }
  });
  const queued = await perSecond(count, async () => {
    const queue = new BoundedQueue<number>({ maxSize: 100 });
    const produced = (async () => {
      for (let n = 0; n < count; n += 1) await queue.put(n);
      queue.close();
    })();
    let seen = 0;
    for await (const _ of queue) seen += 1;
    await produced;
    if (seen !== count) throw new Error(`expected ${count} items, got ${seen}`);
  });
  return ["BoundedQueue of 100, put and async iteration", queued, bare];
}

async function measureSemaphore(count: number): Promise<[string, number, number]> {
  const bare = await perSecond(count, () => bareLoops(count, IN_FLIGHT, async () => undefined));
  const semaphore = new Semaphore(IN_FLIGHT / 2);
  const guarded = await perSecond(count, () =>
    bareLoops(count, IN_FLIGHT, async () => {
      const release = await semaphore.acquire();
      await settled;
      release();
    }),
  );
  return ["Semaphore, contended", guarded, bare];
}

/** One bare thread for each place, sending a tile back and forth by transfer, with nothing around it. */
function bareThread(): {
  swap: (pixels: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
  end: () => Promise<number>;
} {
  const source = `require("node:worker_threads").parentPort.on("message", (m) => require("node:worker_threads").parentPort.postMessage(m, [m.buffer]))`;
  const worker = new Worker(source, { eval: true });
  const swapOnce = (pixels: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
    new Promise((resolve) => {
      worker.once("message", resolve);
      worker.postMessage(pixels, [pixels.buffer]);
    });
  return { swap: swapOnce, end: () => worker.terminate() };
}

async function measureThreads(count: number): Promise<[string, number, number]> {
  const threads = Array.from({ length: THREADS }, bareThread);
  const tiles = Array.from({ length: IN_FLIGHT }, () => new Uint8Array(TILE_BYTES));
  const bare = await perSecond(count, async () => {
    await Promise.all(
      threads.map(async (thread, at) => {
        let pixels = tiles[at] ?? new Uint8Array(TILE_BYTES);
        for (let n = 0; n < count / THREADS; n += 1) pixels = await thread.swap(pixels);
        tiles[at] = pixels;
      }),
    );
  });
  await Promise.all(threads.map((thread) => thread.end()));
  await using pool = new WorkerPool({ maxThreads: THREADS });
  const task = workerTask<typeof swap>({
    module: new URL(import.meta.url),
    name: "swap",
    transfer: (pixels) => [pixels.buffer],
  });
  const pooled = await perSecond(count, async () => {
    await Promise.all(
      Array.from({ length: THREADS }, async (_, at) => {
        let pixels = tiles[at] ?? new Uint8Array(TILE_BYTES);
        for (let n = 0; n < count / THREADS; n += 1) pixels = await pool.run(task, [pixels]);
        tiles[at] = pixels;
      }),
    );
  });
  return [`WorkerPool, ${THREADS} threads, ${TILE_BYTES / 1024} KiB there and back by transfer`, pooled, bare];
}

async function main(): Promise<void> {
  for (const row of [
    await measureFunctions(100_000),
    await measureQueue(200_000),
    await measureSemaphore(200_000),
    await measureThreads(20_000),
  ]) {
    const [what, ours, bare] = row;
    console.log(`${what}: ${Math.round(ours)}/s, bare ${Math.round(bare)}/s, ratio ${(ours / bare).toFixed(2)}`);
  }
}

if (import.meta.main) await main();
