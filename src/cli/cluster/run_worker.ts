import { hostname } from "node:os";
import { randomBytes } from "node:crypto";
import { ClusterWorker, type BlockLease, type BlockOutcome, type OpenSeedSource } from "../../cluster/index.ts";
import { HttpClient } from "../../net/index.ts";
import { requireBulkAllowed, type TileSource } from "../../source/index.ts";
import { requireInteger } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { hostPolicy, openSourceOn, type SeedArguments } from "../seed_arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { clusterUrl, openCluster, type ClusterArguments } from "./open_cluster.ts";
import { SharedHosts } from "./shared_hosts.ts";

export interface WorkerArguments extends ClusterArguments {
  name?: string;
  blocks: number;
  concurrency?: number;
}

/** Works on blocks until it is told to stop. */
export async function runWorker(options: WorkerArguments & GlobalOptions): Promise<number> {
  const blocks = requireInteger(options.blocks, "--blocks", 1, 32);
  const name = options.name ?? `${hostname()}-${process.pid}-${randomBytes(2).toString("hex")}`;
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { logger } = terminal;
  const { concurrency } = options;
  if (concurrency !== undefined) requireInteger(concurrency, "--concurrency", 1, 1024);
  const book = await openCluster(options, { signal: stop.signal, logger });
  const ended: Record<BlockOutcome, number> = { done: 0, givenBack: 0, failed: 0, lost: 0 };
  const onBlock = ({ seedId, number, count }: BlockLease, outcome: BlockOutcome): void => {
    ended[outcome] += 1;
    terminal.say(`seed ${seedId} block ${number} (${count} tiles): ${outcome}`);
  };
  try {
    await using hosts = await SharedHosts.open(clusterUrl(options.cluster), { signal: stop.signal, logger });
    const openSource = sourceOpener(hosts, concurrency);
    terminal.say(`worker ${name} of ${book.location}`);
    await new ClusterWorker({ book, name, blocks, openSource, onBlock, logger }).run(stop.signal);
    const { done, givenBack, failed, lost } = ended;
    terminal.answer(
      { worker: name, blocks: ended },
      `${done} blocks done, ${givenBack} given back, ${failed} to be tried again, ${lost} lost to others`,
    );
    return EXIT.whole;
  } finally {
    await book.close();
  }
}

/**
 * With a client of its own for each seed, whose limits are that seed's and, over the database, the whole cluster's.
 * @param ownConcurrency requests at a time of this machine, for each host of each seed
 */
function sourceOpener(hosts: SharedHosts, ownConcurrency: number | undefined): OpenSeedSource {
  return async (definition, grid, signal) => {
    const options = definition.options as unknown as SeedArguments;
    const client = new HttpClient({
      userAgent: options.userAgent,
      defaultPolicy: hostPolicy(options),
      shareHost: hosts.shareHost,
      ownConcurrency,
    });
    try {
      const target = options.grid === undefined ? null : grid;
      const source = await openSourceOn(definition.source, options, { client, target, signal });
      requireBulkAllowed(source.info);
      return withClient(source, client);
    } catch (error) {
      await client.close();
      throw error;
    }
  };
}

/** Closes the client with the source. */
function withClient(source: TileSource, client: HttpClient): TileSource {
  const close = async (): Promise<void> => {
    await source.close();
    await client.close();
  };
  return new Proxy(source, {
    get(target, name) {
      if (name === "close") return close;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
