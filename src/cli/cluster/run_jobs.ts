import type { ClusterBook } from "../../cluster/index.ts";
import { isCancelled, sleep } from "../../core/index.ts";
import { FailedListWriter } from "../../seed/index.ts";
import { EXIT } from "../exit_codes.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openCluster, type ClusterArguments } from "./open_cluster.ts";
import { answerOf, formatSeed, formatSeedLine } from "./seed_lines.ts";

export type JobsArguments = ClusterArguments & GlobalOptions;

export interface ShowArguments extends JobsArguments {
  watch?: boolean;
  failed?: string;
}

interface JobsContext {
  readonly book: ClusterBook;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Time between two lines of a seed that is watched, ms. */
const WATCH_MS = 2000;

async function withBook(options: JobsArguments, run: (context: JobsContext) => Promise<number>): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop(() => undefined);
  const { signal } = stop;
  const book = await openCluster(options, { signal, logger: terminal.logger });
  try {
    return await run({ book, terminal, signal });
  } finally {
    await book.close();
  }
}

export async function runJobsList(options: JobsArguments): Promise<number> {
  return withBook(options, async ({ book, terminal, signal }) => {
    const seeds = await book.listSeeds(signal);
    const lines = seeds.map(formatSeedLine).join("\n");
    terminal.answer({ seeds: seeds.map(answerOf) }, lines === "" ? "no seeds" : lines);
    return EXIT.whole;
  });
}

export async function runJobsShow(id: string, options: ShowArguments): Promise<number> {
  return withBook(options, async (context) => {
    const { book, terminal, signal } = context;
    if (options.watch === true) await watchSeed(id, context);
    if (options.failed !== undefined) await writeFailed(id, options.failed, context);
    const status = await book.getStatus(id, signal.aborted ? undefined : signal);
    const dead = await book.listDead(id);
    terminal.answer({ ...answerOf(status), dead }, formatSeed(status, dead));
    if (status.state !== "ended") return EXIT.whole;
    return answerOf(status).complete ? EXIT.whole : EXIT.incomplete;
  });
}

/** A line every two seconds until the seed is over, or somebody stops watching: the seed goes on. */
async function watchSeed(id: string, { book, terminal, signal }: JobsContext): Promise<void> {
  try {
    for (;;) {
      const status = await book.getStatus(id, signal);
      terminal.say(formatSeedLine(status));
      if (status.state === "ended" || status.state === "cancelled") return;
      await sleep(WATCH_MS, { signal });
    }
  } catch (error) {
    if (!isCancelled(error)) throw error;
  }
}

async function writeFailed(id: string, path: string, { book, signal }: JobsContext): Promise<void> {
  const list = await FailedListWriter.open(path);
  try {
    for await (const run of book.listFailed(id, signal)) await list.write(run);
  } finally {
    await list.close();
  }
}

export async function runJobsState(
  id: string,
  state: "running" | "paused" | "cancelled",
  options: JobsArguments,
): Promise<number> {
  return withBook(options, async ({ book, terminal }) => {
    await book.setState(id, state);
    const status = await book.getStatus(id);
    terminal.answer(answerOf(status), formatSeedLine(status));
    return EXIT.whole;
  });
}

export async function runJobsRetry(id: string, options: JobsArguments): Promise<number> {
  return withBook(options, async ({ book, terminal }) => {
    const blocks = await book.retry(id);
    const text = blocks === 0 ? "nothing has failed" : `${blocks} blocks are sent again`;
    terminal.answer({ id, blocks }, text);
    return EXIT.whole;
  });
}
