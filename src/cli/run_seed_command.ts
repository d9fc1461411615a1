import { ReprojectedSource, TileCache } from "../cache/index.ts";
import { formatBytes, formatDuration, parseDurationMs, TilthError } from "../core/index.ts";
import type { TilePlan } from "../grid/index.ts";
import { HttpClient } from "../net/index.ts";
import { estimateSeed, FailedListWriter, runSeed, type SeedReport, type SeedTask } from "../seed/index.ts";
import { requireBulkAllowed, type TileSource } from "../source/index.ts";
import { openStore, shownLocation } from "../store/index.ts";
import { submitCommand } from "./cluster/submit_command.ts";
import { preferMemory } from "./prefer_memory.ts";
import { EXIT } from "./exit_codes.ts";
import { showProgress } from "./progress_line.ts";
import { hostPolicy, openSourceFor, planFor, type SeedArguments } from "./seed_arguments.ts";
import { exitCodeOfReport, formatReport } from "./seed_report.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

/** Parse, call, print: the exit code of `tilth seed`. */
export async function runSeedCommand(spec: string, options: SeedArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const client = new HttpClient({ userAgent: options.userAgent, defaultPolicy: hostPolicy(options) });
  try {
    const source = await openSourceFor(spec, options, client, stop.signal);
    try {
      requireBulkAllowed(source.info);
      const { plan, task } = await planFor(source, options);
      if (options.cluster !== undefined && options.dryRun !== true)
        return await submitCommand(terminal, spec, { info: source.info, task }, options, stop.signal);
      if (options.dryRun === true) return await dryRun(terminal, source, plan, stop.signal);
      if (source.makeTiles !== undefined) preferMemory(plan.count);
      return await seedInto(terminal, client, source, plan, task, options, stop.signal);
    } finally {
      await source.close();
    }
  } finally {
    await client.close();
  }
}

async function dryRun(terminal: Terminal, source: TileSource, plan: TilePlan, signal: AbortSignal): Promise<number> {
  const estimate = await estimateSeed(source, plan, { signal });
  const bytes = estimate.bytes === null ? "unknown (no sample)" : `about ${formatBytes(estimate.bytes)}`;
  const time =
    estimate.seconds === null
      ? ""
      : `, about ${formatDuration(estimate.seconds * 1000)} at ${estimate.tilesPerSecond} tiles/s`;
  const levels = estimate.levels.map(({ z, count }) => `  zoom ${z}: ${count}`).join("\n");
  terminal.answer({ dryRun: true, ...estimate }, `${levels}\n${estimate.planned} tiles, ${bytes}${time}`);
  return EXIT.whole;
}

async function seedInto(
  terminal: Terminal,
  client: HttpClient,
  source: TileSource,
  plan: TilePlan,
  task: SeedTask | null,
  options: SeedArguments & GlobalOptions,
  signal: AbortSignal,
): Promise<number> {
  if (options.out === undefined)
    throw new TilthError(
      "argument.invalid",
      "expected --out FILE (.gpkg, .mbtiles, a folder, or postgres://HOST/DATABASE?layer=NAME)",
    );
  const { info } = source;
  // A thread starts for it: meanwhile the client loads.
  const opening = openStore(options.out, {
    mode: "write",
    grid: info.grid,
    metadata: { title: info.title, attribution: info.attribution, format: info.format, sourceId: info.id },
    // Tiles that are JPEG where they are opaque.
    smallTiles: source instanceof ReprojectedSource && source.encoding.format === "mixed" ? true : undefined,
    lockTimeoutMs: parseDurationMs(options.lockTimeout),
    signal,
  });
  client.prepare();
  const store = await opening;
  let failedList: FailedListWriter | null = null;
  let stopProgress: (() => void) | null = null;
  let report: SeedReport;
  try {
    if (options.failed !== undefined) failedList = await FailedListWriter.open(options.failed);
    report = await runSeed({
      cache: new TileCache({ store, source }),
      plan,
      task,
      refreshAgeMs: options.refresh === undefined ? undefined : parseDurationMs(options.refresh),
      retries: options.retries,
      onFailed: (run) => failedList?.write(run),
      onStart: (read) => {
        if (options.quiet !== true) stopProgress = showProgress(read).stop;
      },
      signal,
      logger: terminal.logger,
    });
  } finally {
    (stopProgress as (() => void) | null)?.();
    await store.close();
    await failedList?.close();
  }
  const out = shownLocation(options.out);
  terminal.answer({ ...report, out }, formatReport(report, { ...options, out }));
  return exitCodeOfReport(report);
}
