import { openCaches, type NamedCache } from "../config/index.ts";
import { TilthError } from "../core/index.ts";
import { CacheRegistry, startServer, type MissingTile, type ServedCache } from "../server/index.ts";
import { requireInteger } from "./arguments.ts";
import { EXIT } from "./exit_codes.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface ServeArguments {
  host?: string;
  port?: string;
  missing: string;
}

const MISSING: readonly MissingTile[] = ["404", "204", "blank"];

/** Serves until it is told to stop, which is its usual end. */
export async function runServe(files: readonly string[], options: ServeArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  if (files.length === 0) throw new TilthError("argument.invalid", "expected a file to serve: tilth serve world.gpkg");
  const missingTile = MISSING.find((one) => one === options.missing);
  if (missingTile === undefined)
    throw new TilthError("argument.invalid", `expected --missing 404, 204 or blank, got '${options.missing}'`);
  const port = options.port === undefined ? undefined : requireInteger(Number(options.port), "--port", 0, 65_535);
  const registry = new CacheRegistry();
  for (const cache of await openCaches(files, stop.signal)) registry.put(publish(cache));
  const { host } = options;
  await using server = await startServer({ registry, host, port, missingTile, logger: terminal.logger }).catch(
    async (error: unknown) => {
      await registry.close();
      throw error;
    },
  );
  const caches = registry.list().map(({ name }) => name);
  const lines = caches.map((name) => `  ${server.url}/tiles/${name}/{z}/{x}/{y}`).join("\n");
  terminal.answer({ url: server.url, caches }, `listening on ${server.url} (Ctrl-C ends it)\n${lines}`);
  if (!stop.signal.aborted)
    await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
  return EXIT.whole;
}

function publish({ name, cache, minZoom, maxZoom }: NamedCache): ServedCache {
  const { title, attribution } = cache.store.metadata;
  return { name, title, attribution, cache, minZoom, maxZoom };
}
