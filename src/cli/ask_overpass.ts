import { homedir } from "node:os";
import { join } from "node:path";
import { formatDuration, parseDurationMs, type Logger } from "../core/index.ts";
import { addContact, HttpClient } from "../net/index.ts";
import {
  DEFAULT_OVERPASS,
  openOverpass,
  type CellProgress,
  type LayerPlan,
  type OsmInput,
  type WantedArea,
} from "../osm/index.ts";
import type { OsmArguments } from "./osm_arguments.ts";
import type { SharedHosts } from "./cluster/shared_hosts.ts";
import type { Terminal } from "./terminal.ts";

/** What is asked for, and who hears of it. */
interface Question {
  readonly layers: LayerPlan;
  readonly area: WantedArea;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The objects of an area from services, as the command line says. */
export async function askOverpass(
  options: OsmArguments,
  { layers, area, terminal, signal }: Question,
): Promise<OsmInput> {
  await using operators = await openOperators(options, { logger: terminal.logger, signal });
  const { userAgent } = options;
  const client = new HttpClient({ userAgent: userAgent === undefined ? undefined : addContact(userAgent) });
  const onProgress = ({ done, waiting, fromCache }: CellProgress): void =>
    terminal.say(`cells: ${done} of ${done + waiting} (${fromCache} from the cache)`);
  try {
    return await openOverpass({
      client,
      endpoints: options.overpass.length > 0 ? options.overpass : [DEFAULT_OVERPASS],
      area,
      layers,
      cacheFolder: options.cache ?? defaultCacheFolder(),
      maxAgeMs: parseDurationMs(options.cacheAge),
      timeoutS: Math.max(1, Math.round(parseDurationMs(options.timeout) / 1000)),
      shareOperator: operators?.shareOperator,
      onProgress,
      onWait: ({ waitMs, why }) => terminal.say(`${why}; waiting ${formatDuration(waitMs)}`),
      logger: terminal.logger,
      signal,
    });
  } finally {
    await client.close();
  }
}

/** null without a cluster: then nothing of one is loaded. */
async function openOperators(
  { cluster }: OsmArguments,
  context: { logger: Logger; signal: AbortSignal },
): Promise<SharedHosts | null> {
  if (cluster === undefined) return null;
  const { SharedHosts: hosts } = await import("./cluster/shared_hosts.ts");
  return hosts.open(cluster, context);
}

/** Of the XDG base directory specification. */
function defaultCacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "tilth", "overpass");
}
