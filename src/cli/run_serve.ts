import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadServeConfig, Workspace, type ServeConfig } from "../config/index.ts";
import { TilthError, type Logger } from "../core/index.ts";
import { makeServerLogger, startServer, Tokens, type ListenOptions, type MissingTile } from "../server/index.ts";
import { oneOf, requireInteger } from "./arguments.ts";
import { clusterUrl } from "./cluster/open_cluster.ts";
import { EXIT } from "./exit_codes.ts";
import { listenForStop } from "./stop_signals.ts";
import { openServedBook } from "./served_book.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";
import { VERSION } from "./version.ts";

export interface ServeArguments {
  config?: string;
  host?: string;
  port?: string;
  data?: string;
  cluster?: string;
  token?: string;
  readerToken?: string;
  allowHost: string[];
  allowPrivate: string[];
  trustProxy: string[];
  missing?: string;
  enlarge: boolean;
  onRestart?: string;
}

type Options = ServeArguments & GlobalOptions;

/** Serves until it is told to stop, which is its usual end. */
export async function runServe(files: readonly string[], options: Options): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const config = options.config === undefined ? null : await loadServeConfig(options.config);
  const settings = readSettings(options, config);
  const dataFolder = options.data ?? config?.server.data ?? null;
  if (files.length === 0 && config === null && dataFolder === null && options.cluster === undefined)
    throw new TilthError(
      "argument.invalid",
      "expected something to serve: tilth serve world.gpkg, --config tilth.yaml, --data DIR for jobs, or --cluster postgres://... to watch one",
    );
  const allowHosts = [...options.allowHost, ...(config?.server.allowHosts ?? [])];
  const { allowPrivate } = options;
  const { signal } = stop;
  // Before the rest, so that it closes last.
  await using cluster = await openBook(options, { signal, logger: settings.logger });
  const workspace = await Workspace.open({ files, config, dataFolder, allowHosts, allowPrivate, signal });
  await using server = await startServer({ ...settings, workspace, cluster });
  const caches = server.registry.list().map(({ name }) => name);
  const lines = caches.map((name) => `  ${server.url}/tiles/${name}/{z}/{x}/{y}`).join("\n");
  terminal.answer({ url: server.url, caches }, `map and jobs at ${server.url} (Ctrl-C ends it)\n${lines}`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return EXIT.whole;
}

async function openBook({ cluster }: Options, options: { signal: AbortSignal; logger: Logger }) {
  return cluster === undefined ? null : openServedBook(clusterUrl(cluster), options);
}

/** What the command says counts more than what the configuration says. */
function readSettings(
  options: Options,
  config: ServeConfig | null,
): Omit<ListenOptions, "workspace"> & { logger: Logger } {
  const { server } = config ?? { server: {} as ServeConfig["server"] };
  const { requestsPerMinute: perMinute } = server;
  const port = options.port === undefined ? server.port : requireInteger(Number(options.port), "--port", 0, 65_535);
  return {
    host: options.host ?? server.host,
    port,
    missingTile: oneOf("--missing", options.missing ?? server.missing ?? "404", MISSING),
    enlarge: options.enlarge && (server.enlarge ?? true),
    onRestart: oneOf("--on-restart", options.onRestart ?? server.onRestart ?? "resume", ON_RESTART),
    maxJobTiles: server.maxJobTiles,
    maxRunningJobs: server.maxRunningJobs,
    trustProxy: [...options.trustProxy, ...(server.trustProxy ?? [])],
    ...(perMinute === undefined ? {} : { limits: { perMinute } }),
    tokens: readTokens(options),
    pageFolder: findPage(),
    version: VERSION,
    logger: makeServerLogger(process.stderr, logLevel(options)),
  };
}

const MISSING: readonly MissingTile[] = ["404", "204", "blank"];
const ON_RESTART = ["resume", "pause"] as const;

function logLevel({ quiet, verbose }: GlobalOptions): "debug" | "info" | "warn" {
  if (verbose === true) return "debug";
  return quiet === true ? "warn" : "info";
}

/** A token on the command line is seen by every user of the machine (`ps`); the environment is not. */
function readTokens({ token, readerToken }: ServeArguments): Tokens | null {
  const operator = token ?? process.env["TILTH_TOKEN"];
  const reader = readerToken ?? process.env["TILTH_READER_TOKEN"] ?? null;
  if (operator === undefined && reader !== null)
    throw new TilthError(
      "argument.invalid",
      "expected an operator's token beside the reader's: --token, or TILTH_TOKEN",
    );
  return operator === undefined ? null : new Tokens({ operator, reader });
}

/** The built page: beside the program as it is installed, or where `npm run build` puts it. */
function findPage(): string | null {
  const places = ["../viewer/", "../../dist/viewer/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return places.find((path) => existsSync(path)) ?? null;
}
