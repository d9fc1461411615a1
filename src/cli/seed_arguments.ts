import { readFile } from "node:fs/promises";
import { openOnGrid, readNamedGrid, resolveSource, type ResolveSourceOptions } from "../config/index.ts";
import { messageOf, parseDurationMs, parseRatePerSecond, TilthError } from "../core/index.ts";
import {
  bboxCoverage,
  geoJsonCoverage,
  parseZooms,
  type Coverage,
  type TileMatrixSet,
  type TilePlan,
} from "../grid/index.ts";
import type { HostPolicy, HttpClient } from "../net/index.ts";
import { planFailedList, planTask, requireServedZooms, type SeedTask } from "../seed/index.ts";
import type { TileSource } from "../source/index.ts";
import { requireInteger } from "./arguments.ts";

/** What `tilth seed` was given, not yet looked at. */
export interface SeedArguments {
  bbox?: number[];
  coverage?: string;
  zoom?: string;
  out?: string;
  grid?: string;
  sourceGrid?: string;
  resampling?: string;
  quality?: number;
  effort?: number;
  elevation?: string;
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
  cluster?: string;
  blockTiles?: number;
}

export async function openSourceFor(
  spec: string,
  options: SeedArguments,
  client: HttpClient,
  signal: AbortSignal,
): Promise<TileSource> {
  const target = options.grid === undefined ? null : await readNamedGrid(options.grid, tileSizeOf(options));
  return openSourceOn(spec, options, { client, target, signal });
}

/** The same on a grid that is at hand; null: whatever grid the source has. */
export async function openSourceOn(
  spec: string,
  options: SeedArguments,
  { client, target, signal }: { client: HttpClient; target: TileMatrixSet | null; signal: AbortSignal },
): Promise<TileSource> {
  const tileSize = tileSizeOf(options);
  const sourceOptions: ResolveSourceOptions = {
    client,
    signal,
    grid: options.sourceGrid === undefined ? undefined : await readNamedGrid(options.sourceGrid, tileSize),
    tileSize,
    layer: options.layer,
    style: options.style,
    matrixSet: options.matrixSet,
    dimensions: options.dimension,
    minZoom: options.minZoom,
    maxZoom: options.maxZoom,
    tms: options.tms,
    subdomains: options.subdomains?.split(","),
    format: options.format === "mixed" ? undefined : options.format,
    headers: options.header,
    timeoutMs: parseDurationMs(options.timeout),
  };
  return openOnGrid(resolveSource, spec, sourceOptions, target, options);
}

function tileSizeOf({ tileSize }: SeedArguments): number | undefined {
  return tileSize === undefined ? undefined : requireInteger(tileSize, "--tile-size", 64, 4096);
}

export function hostPolicy(options: SeedArguments): HostPolicy {
  const ratePerSecond = options.rate === undefined ? undefined : parseRatePerSecond(options.rate);
  if (options.concurrency === "auto") return { ratePerSecond };
  return { ratePerSecond, concurrency: requireInteger(Number(options.concurrency), "--concurrency", 1, 1024) };
}

/** @throws `argument.invalid`, `coverage.invalid`, `grid.level` */
export async function planFor(
  source: TileSource,
  options: SeedArguments,
): Promise<{ plan: TilePlan; task: SeedTask | null }> {
  requireInteger(options.retries, "--retries", 0, 100);
  if (options.retryFailed !== undefined) return { plan: await planFailedList(options.retryFailed), task: null };
  if (options.zoom === undefined) throw new TilthError("argument.invalid", "expected --zoom, e.g. --zoom 0-12");
  const zooms = parseZooms(options.zoom);
  requireServedZooms(source.info, zooms);
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
