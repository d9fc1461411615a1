import { formatBytes, formatDuration } from "../core/index.ts";
import type { SeedReport } from "../seed/index.ts";
import { EXIT } from "./exit_codes.ts";

export function exitCodeOfReport(report: SeedReport): number {
  if (report.stopped === "cancelled") return EXIT.cancelled;
  return report.complete ? EXIT.whole : EXIT.incomplete;
}

/** For people; `--json` has the report itself. */
export function formatReport(report: SeedReport, options: { out?: string; failed?: string }): string {
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
