import type { Transferable } from "node:worker_threads";
import type { Transferred } from "./transfer.ts";

/** What the caller of a worker function gets: awaited, and out of its `transferred` wrapping. */
export type ResultOf<Value> = Awaited<Value> extends Transferred<infer Inner> ? Inner : Awaited<Value>;

/** A function of a module that a worker thread imports. Arguments and result cross by structured clone. */
export interface WorkerTask<Args extends unknown[], Result> {
  readonly kind: "worker";
  /** Absolute URL; `.ts` works from source, `.js` once built (see `workerModuleUrl`). */
  readonly module: string;
  /** Name of the exported function. */
  readonly name: string;
  /** Buffers of the arguments to hand over instead of copying. */
  readonly transfer?: (...args: Args) => readonly Transferable[];
  /** Carries the type of the result only; never set. */
  readonly resultType?: Result;
}

/**
 * Names a worker function with its type: `workerTask<typeof slope>({ module: workerModuleUrl("./slope_worker", import.meta.url), name: "slope" })`.
 * The type comes from a type-only import, so the module itself loads on the thread and not here.
 */
export function workerTask<Fn extends (...args: never[]) => unknown>(options: {
  module: URL;
  name: string;
  transfer?: (...args: Parameters<Fn>) => readonly Transferable[];
}): WorkerTask<Parameters<Fn>, ResultOf<ReturnType<Fn>>> {
  return { kind: "worker", module: options.module.href, name: options.name, transfer: options.transfer };
}

/**
 * The URL of a module beside the one that asks, with the extension that the asker itself has: Node strips types from `.ts`,
 * but not below node_modules, where the built `.js` files are. `path` is relative and has no extension.
 */
export function workerModuleUrl(path: string, importMetaUrl: string): URL {
  const extension = importMetaUrl.endsWith(".ts") ? ".ts" : ".js";
  return new URL(path + extension, importMetaUrl);
}
