import { readFile } from "node:fs/promises";
import { TileCache } from "../cache/index.ts";
import { resolveSource } from "../config/index.ts";
import {
  formatBytes,
  formatDuration,
  messageOf,
  parseDurationMs,
  parseRatePerSecond,
  TilthError,
} from "../core/index.ts";
import { bboxCoverage, geoJsonCoverage, getGrid, parseZooms, type Coverage, type TilePlan } from "../grid/index.ts";
import { HttpClient, type HostPolicy } from "../net/index.ts";
import {
  estimateSeed,
  FailedListWriter,
  planFailedList,
  planTask,
  runSeed,
  type SeedReport,
  type SeedTask,
} from "../seed/index.ts";
import { requireBulkAllowed, type TileSource } from "../source/index.ts";
import { openStore } from "../store/index.ts";
import { requireInteger } from "./arguments.ts";
import { EXIT } from "./exit_codes.ts";
import { showProgress } from "./progress_line.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface SeedArguments {
  bbox?: number[];
  coverage?: string;
  zoom?: string;
  out?: string;
  grid?: string;
  layer?: string;
  style?: string;
  matrixSet?: string;
  dimension: Record<string, string>;
  tileSize?: number;
  minZoom?: number;
  maxZoom?: number;
  tms?: boolean;
  subdomains?: string;
  format?: string;
  concurrency: string;
  rate?: string;
  timeout: string;
  retries: number;
  header: Record<string, string>;
  userAgent?: string;
  refresh?: string;
  failed?: string;
  retryFailed?: string;
  dryRun?: boolean;
  lockTimeout: string;
}

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
      if (options.dryRun === true) return await dryRun(terminal, source, plan, stop.signal);
      return await seedInto(terminal, source, plan, task, options, stop.signal);
    } finally {
      await source.close();
    }
  } finally {
    await client.close();
  }
}

async function openSourceFor(
  spec: string,
  options: SeedArguments,
  client: HttpClient,
  signal: AbortSignal,
): Promise<TileSource> {
  const tileSize =
    options.tileSize === undefined ? undefined : requireInteger(options.tileSize, "--tile-size", 64, 4096);
  return resolveSource(spec, {
    client,
    signal,
    grid: options.grid === undefined ? undefined : getGrid(options.grid, tileSize),
    tileSize,
    layer: options.layer,
    style: options.style,
    matrixSet: options.matrixSet,
    dimensions: options.dimension,
    minZoom: options.minZoom,
    maxZoom: options.maxZoom,
    tms: options.tms,
    subdomains: options.subdomains?.split(","),
    format: options.format,
    headers: options.header,
    timeoutMs: parseDurationMs(options.timeout),
  });
}

function hostPolicy(options: SeedArguments): HostPolicy {
  const ratePerSecond = options.rate === undefined ? undefined : parseRatePerSecond(options.rate);
  if (options.concurrency === "auto") return { ratePerSecond };
  return { ratePerSecond, concurrency: requireInteger(Number(options.concurrency), "--concurrency", 1, 1024) };
}

async function planFor(source: TileSource, options: SeedArguments): Promise<{ plan: TilePlan; task: SeedTask | null }> {
  requireInteger(options.retries, "--retries", 0, 100);
  if (options.retryFailed !== undefined) return { plan: await planFailedList(options.retryFailed), task: null };
  if (options.zoom === undefined) throw new TilthError("argument.invalid", "expected --zoom, e.g. --zoom 0-12");
  const zooms = parseZooms(options.zoom);
  requireServedZooms(source, zooms);
  const task: SeedTask = { coverage: await coverageOf(options), zooms, sourceId: source.info.id };
  return { plan: planTask(source.info.grid, task), task };
}

async function coverageOf(options: SeedArguments): Promise<Coverage> {
  if (options.bbox !== undefined && options.coverage === undefined) return bboxCoverage(options.bbox);
  if (options.coverage === undefined || options.bbox !== undefined) {
    throw new TilthError("argument.invalid", "expected an area: either --bbox W,S,E,N or --coverage FILE.geojson");
  }
  try {
    return geoJsonCoverage(await readFile(options.coverage, "utf8"));
  } catch (cause) {
    if (cause instanceof TilthError) throw cause;
    throw new TilthError("coverage.invalid", `the coverage ${options.coverage} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function requireServedZooms(source: TileSource, zooms: readonly number[]): void {
  const { minZoom, maxZoom, title } = source.info;
  const outside = zooms.find((zoom) => zoom < minZoom || zoom > maxZoom);
  if (outside === undefined) return;
  throw new TilthError(
    "grid.level",
    `expected zooms within ${minZoom}-${maxZoom}, which is what ${title} serves, got ${outside}`,
    { fields: { zoom: outside, minZoom, maxZoom } },
  );
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
  source: TileSource,
  plan: TilePlan,
  task: SeedTask | null,
  options: SeedArguments & GlobalOptions,
  signal: AbortSignal,
): Promise<number> {
  if (options.out === undefined)
    throw new TilthError("argument.invalid", "expected --out FILE (.gpkg, .mbtiles or a folder)");
  const { info } = source;
  const store = await openStore(options.out, {
    mode: "write",
    grid: info.grid,
    metadata: { title: info.title, attribution: info.attribution, format: info.format, sourceId: info.id },
    lockTimeoutMs: parseDurationMs(options.lockTimeout),
    signal,
  });
  const failedList = options.failed === undefined ? null : new FailedListWriter(options.failed);
  let stopProgress: (() => void) | null = null;
  let report: SeedReport;
  try {
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
  terminal.answer({ ...report, out: options.out }, formatReport(report, options));
  return exitCodeOfReport(report);
}

function exitCodeOfReport(report: SeedReport): number {
  if (report.stopped === "cancelled") return EXIT.cancelled;
  return report.complete ? EXIT.whole : EXIT.incomplete;
}

function formatReport(report: SeedReport, options: SeedArguments): string {
  const { planned, present, stored, empty, failed, cancelled } = report;
  const lines = [
    `planned ${planned} = present ${present} + stored ${stored} + empty ${empty} + failed ${failed} + cancelled ${cancelled}`,
    `${formatBytes(report.bytes)} in ${formatDuration(report.seconds * 1000)}, ${report.tilesPerSecond} tiles/s, ${report.requests} requests, ${report.retries} retries, ${report.rejected} rejected`,
  ];
  if (report.complete)
    lines.push(
      `complete: every tile is in ${options.out} (proved by count; tilth verify ${options.out} proves it again)`,
    );
  for (const [code, count] of Object.entries(report.failures)) lines.push(`failed ${code}: ${count}`);
  if (failed > 0)
    lines.push(
      options.failed === undefined
        ? "run again to retry; --failed FILE lists them"
        : `listed in ${options.failed}; --retry-failed ${options.failed} takes them`,
    );
  if (report.stopped === "cancelled")
    lines.push("cancelled: what was fetched is kept; the same command goes on from here");
  return lines.join("\n");
}
