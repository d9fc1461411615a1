import { submitSeed, type SeedDefinition } from "../../cluster/index.ts";
import { cacheNameOf, requireNoPassword, requireNoPlainSecrets } from "../../config/index.ts";
import { parseDurationMs, TilthError } from "../../core/index.ts";
import { readPostgresUrl } from "../../postgres/index.ts";
import type { SeedTask } from "../../seed/index.ts";
import type { SourceInfo } from "../../source/index.ts";
import { openStore } from "../../store/index.ts";
import { EXIT } from "../exit_codes.ts";
import type { SeedArguments } from "../seed_arguments.ts";
import type { Terminal } from "../terminal.ts";
import { clusterUrl, openCluster } from "./open_cluster.ts";

/** Submits a seed instead of running it; the source has been opened once here, so that a mistake is seen before any worker sees it. */
export async function submitCommand(
  terminal: Terminal,
  spec: string,
  { info, task }: { info: SourceInfo; task: SeedTask | null },
  options: SeedArguments,
  signal: AbortSignal,
): Promise<number> {
  const url = clusterUrl(options.cluster);
  requireClusterArguments(spec, options, task);
  const cache = readPostgresUrl(url).layer ?? cacheNameOf(info.title);
  const definition = definitionOf(spec, options, task, cache);
  const { grid, title, attribution, format, id: sourceId } = info;
  const metadata = { title, attribution, format, sourceId };
  const tiles = await openStore(url, { mode: "write", layer: cache, grid, metadata, signal });
  try {
    const book = await openCluster(options, { signal, logger: terminal.logger });
    try {
      const submitted = await submitSeed(book, tiles, definition, { nowMs: Date.now(), signal });
      const where = `cache ${cache} of ${book.location}`;
      const first = submitted.isNew ? `seed ${submitted.id} is submitted` : `seed ${submitted.id} is under way already`;
      terminal.answer(
        { ...submitted, cache, cluster: book.location },
        `${first}: ${submitted.planned} tiles into ${where}\ntilth jobs show ${submitted.id} watches it; tilth worker works on it`,
      );
      return EXIT.whole;
    } finally {
      await book.close();
    }
  } finally {
    await tiles.close();
  }
}

/** @throws `argument.invalid` for what makes no sense on many machines, and for keys that are written out */
function requireClusterArguments(
  spec: string,
  options: SeedArguments,
  task: SeedTask | null,
): asserts task is SeedTask {
  const misplaced =
    options.out !== undefined
      ? "--out (tiles go to the database; tilth export brings them home)"
      : options.failed !== undefined
        ? "--failed (tilth jobs show --failed FILE lists them)"
        : options.retryFailed !== undefined || task === null
          ? "--retry-failed (tilth jobs retry sends them again)"
          : null;
  if (misplaced !== null) throw new TilthError("argument.invalid", `expected --cluster without ${misplaced}`);
  requireNoPlainSecrets(spec, options.header);
  requireNoPassword(spec);
}

function definitionOf(spec: string, options: SeedArguments, task: SeedTask, cache: string): SeedDefinition {
  const { sourceGrid, grid, resampling, quality, effort, elevation, layer, style, matrixSet, dimension } = options;
  const { tileSize, minZoom, maxZoom, tms, subdomains, format, concurrency, rate, timeout, header, userAgent } =
    options;
  const how = { sourceGrid, grid, resampling, quality, effort, elevation, layer, style, matrixSet, dimension };
  const asked = { tileSize, minZoom, maxZoom, tms, subdomains, format, concurrency, rate, timeout, header, userAgent };
  const said = Object.entries({ ...how, ...asked }).filter(([, value]) => value !== undefined);
  return {
    source: spec,
    options: Object.fromEntries(said),
    task,
    cache,
    refreshAgeMs: options.refresh === undefined ? null : parseDurationMs(options.refresh),
    retries: options.retries,
    blockTiles: options.blockTiles ?? null,
  };
}
