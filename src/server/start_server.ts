import type { AddressInfo } from "node:net";
import type { Workspace } from "../config/index.ts";
import { silentLogger, systemClock, TilthError } from "../core/index.ts";
import { createApp, type ServerOptions } from "./app.ts";
import { closeGently } from "./close_server.ts";
import { openJobs } from "./jobs/open_jobs.ts";
import type { JobRoom } from "./context.ts";
import { CacheRegistry } from "./served_cache.ts";
import { SwapFiles } from "./swap_files.ts";

export interface ListenOptions extends Omit<ServerOptions, "registry" | "jobs" | "workspace"> {
  /** Its caches are published; the server closes it. */
  workspace: Workspace;
  /** @default "127.0.0.1" */
  host?: string;
  /** 0 = any that is free. @default 8765 */
  port?: number;
  maxJobTiles?: number;
  maxRunningJobs?: number;
  onRestart?: "resume" | "pause";
}

export interface RunningServer extends AsyncDisposable {
  /** Where it is found, without a slash at the end. */
  readonly url: string;
  readonly registry: CacheRegistry;
  /** Stops jobs (they go on after a restart), lets requests under way end (5 s at the most), then closes the caches. */
  close(): Promise<void>;
}

export const DEFAULT_PORT = 8765;
const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/;
/** Tiles a minute from one address that is not this machine: a map that is moved without a pause asks for 3,000. */
const TILES_PER_MINUTE = 12_000;

/** More than can run at once. */
const MAX_LISTED = 1000;

/**
 * Publishes a workspace. When this rejects, the workspace is closed.
 * @throws `argument.invalid` for an address that is not the machine's own and no token; `server.address` when the address cannot be
 * taken; `store.*` when the jobs' folder cannot be used
 */
export async function startServer(options: ListenOptions): Promise<RunningServer> {
  const { workspace, host = "127.0.0.1", port = DEFAULT_PORT } = options;
  const registry = new CacheRegistry();
  const open = new AsyncDisposableStack();
  open.use(workspace);
  open.use(registry);
  try {
    for (const cache of workspace.caches) registry.put(cache);
    requireTokenForOthers(host, options);
    const app = await listen(options, registry, open, host, port);
    const address = app.server.address() as AddressInfo;
    const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= open.disposeAsync());
    return { url: `http://${name}:${address.port}`, registry, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function listen(
  options: ListenOptions,
  registry: CacheRegistry,
  open: AsyncDisposableStack,
  host: string,
  port: number,
) {
  const { maxJobTiles: maxTiles, maxRunningJobs: maxRunning, onRestart, workspace, clock, logger } = options;
  const jobs = await openJobs({ workspace, registry, maxTiles, maxRunning, onRestart, clock, logger });
  const tilesPerMinute = isOwn(host, options) ? null : TILES_PER_MINUTE;
  const app = await createApp({ ...options, limits: { tilesPerMinute, ...options.limits }, registry, jobs });
  const close = closeGently(app);
  const isWritten = (location: string): boolean => isFilled(location, workspace, jobs);
  const swaps = open.use(
    new SwapFiles({ registry, clock: clock ?? systemClock, logger: logger ?? silentLogger, isWritten }),
  );
  // Before the caches: they are open for as long as a request or a job reads them.
  open.defer(async () => void (await Promise.all([close(), jobs?.manager.close()])));
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const message = `could not listen on ${host}:${port}; is it taken? choose another with --port`;
    throw new TilthError("server.address", message, { cause, fields: { host, port } });
  }
  swaps.start();
  return app;
}

/** True while a job fills the file. */
function isFilled(location: string, workspace: Workspace, jobs: JobRoom | null): boolean {
  const running = jobs?.manager.list({ state: "running", limit: MAX_LISTED }) ?? [];
  return running.some(({ request }) => workspace.locate(request.store) === location);
}

/** True when only this machine's users reach the server: not by its address, and not through a proxy. */
function isOwn(host: string, { trustProxy = [] }: ListenOptions): boolean {
  return LOOPBACK.test(host) && trustProxy.length === 0;
}

/** @throws `argument.invalid` */
function requireTokenForOthers(host: string, options: ListenOptions): void {
  if (isOwn(host, options) || (options.tokens ?? null) !== null) return;
  const what = LOOPBACK.test(host) ? "a server behind a proxy" : `the address '${host}'`;
  throw new TilthError(
    "argument.invalid",
    `expected a token for ${what}, which others can reach: give --token, or put one into TILTH_TOKEN; or serve on 127.0.0.1 alone`,
  );
}
