import {
  clusterReport,
  type ClusterReport,
  type DeadBlock,
  type SeedStatus,
  type WorkerStatus,
} from "../../cluster/index.ts";
import { formatBytes, formatDuration } from "../../core/index.ts";
import { formatZooms } from "../../grid/index.ts";

/** What a program reads of a seed. */
export interface SeedAnswer extends ClusterReport {
  readonly cache: string;
  readonly source: string;
  readonly blocks: SeedStatus["blocks"];
  readonly workers: readonly WorkerStatus[];
}

export function answerOf(status: SeedStatus): SeedAnswer {
  const { definition, blocks, workers } = status;
  return { ...clusterReport(status), cache: definition.cache, source: definition.source, blocks, workers };
}

/** One line for a list. */
export function formatSeedLine(status: SeedStatus): string {
  const report = clusterReport(status);
  const done = report.planned - report.open - report.cancelled;
  const percent = Math.floor((done / report.planned) * 1000) / 10;
  const eta = report.etaSeconds === null ? "" : ` ETA ${formatDuration(report.etaSeconds * 1000)}`;
  return `${report.id} ${report.state} ${percent}% ${done}/${report.planned} ${report.tilesPerSecond} tiles/s${eta} ${status.definition.cache}`;
}

export function formatSeed(status: SeedStatus, dead: readonly DeadBlock[]): string {
  const report = clusterReport(status);
  const { planned, present, stored, empty, failed, cancelled, open } = report;
  const { queued, leased, done } = status.blocks;
  const { task, source, cache } = status.definition;
  return [
    formatSeedLine(status),
    `${source}, zoom ${formatZooms(task.zooms)}, into ${cache}`,
    `planned ${planned} = present ${present} + stored ${stored} + empty ${empty} + failed ${failed} + cancelled ${cancelled} + open ${open}`,
    `${formatBytes(report.bytes)} in ${formatDuration(report.seconds * 1000)}, ${report.requests} requests, ${report.retries} retries, ${report.rejected} rejected`,
    `blocks: ${done} done, ${leased} in work, ${queued} waiting, ${dead.length} dead`,
    ...status.workers.map(formatWorker),
    ...Object.entries(report.failures).map(([code, count]) => `failed ${code}: ${count}`),
    ...dead.map(
      ({ number, range, attempts, error }) =>
        `dead: block ${number} (zoom ${range.z}) after ${attempts} attempts: ${error}`,
    ),
    ...(failed > 0 ? [`tilth jobs retry ${report.id} sends them again`] : []),
  ].join("\n");
}

function formatWorker({ worker, blocks, stored, tilesPerSecond, silentMs }: WorkerStatus): string {
  const heard = silentMs < 15_000 ? "" : `, silent for ${formatDuration(silentMs)}`;
  return `worker ${worker}: ${blocks} blocks in work, ${stored} stored, ${Math.round(tilesPerSecond)} tiles/s${heard}`;
}
