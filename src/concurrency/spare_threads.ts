import { getCompileCacheDir } from "node:module";
import { Worker, type ResourceLimits } from "node:worker_threads";
import type { WorkerSettings } from "./worker_message.ts";
import { workerModuleUrl } from "./worker_task.ts";

/** A thread of Node that runs `worker_entry`, and whether it has said that it is up. */
export interface BareThread {
  readonly worker: Worker;
  readonly isReady: boolean;
}

interface Spare {
  readonly key: string;
  readonly worker: Worker;
  isReady: boolean;
  /** Takes its listeners away. */
  release(): void;
}

const spares = new Set<Spare>();

/**
 * Starts threads for pools that come to be later and have the same limits: a program that knows by its first words that it will need them starts them before it has loaded
 * anything else (a thread takes 75 ms, 86 of a core). Those that nobody takes do not keep the process alive.
 * @param count 1 or more
 */
export function startSpareThreads(count: number, resourceLimits?: ResourceLimits): void {
  for (let i = 0; i < count; i++) keepSpare(start(resourceLimits), keyOf(resourceLimits));
}

/** A spare one, or a new one. */
export function takeThread(resourceLimits?: ResourceLimits): BareThread {
  const key = keyOf(resourceLimits);
  for (const spare of spares)
    if (spare.key === key) {
      spare.release();
      return spare;
    }
  return { worker: start(resourceLimits), isReady: false };
}

function keepSpare(worker: Worker, key: string): void {
  const beReady = (): void => void (spare.isReady = true);
  const release = (): void => {
    spares.delete(spare);
    worker.off("message", beReady).off("error", release).off("exit", release);
  };
  const spare: Spare = { key, worker, isReady: false, release };
  spares.add(spare);
  // One that ends before it is wanted is as if it had never been.
  worker.on("message", beReady).on("error", release).on("exit", release);
  worker.unref();
}

function start(resourceLimits?: ResourceLimits): Worker {
  return new Worker(workerModuleUrl("./worker_entry", import.meta.url), {
    resourceLimits,
    workerData: { compileCache: getCompileCacheDir() !== undefined } satisfies WorkerSettings,
    // `node --input-type=module -e ...` hands its flag on, with which no file can be loaded. Else inherit: the engine's own flags
    // (--max-old-space-size) are refused when they are listed here.
    execArgv: process.execArgv.some((flag) => flag.startsWith("--input-type")) ? [] : undefined,
  });
}

function keyOf(resourceLimits: ResourceLimits = {}): string {
  return JSON.stringify(resourceLimits);
}
