import { existsSync, realpathSync } from "node:fs";
import { formatDuration, TilthError } from "../core/index.ts";
import { openFeatureWriter, requireFeatureFormat } from "../feature/index.ts";
import {
  importOsm,
  openOsmFile,
  planLayers,
  type ClipStrategy,
  type ImportReport,
  type LayerPlan,
  type LayerScheme,
  type OsmInput,
  type WantedArea,
} from "../osm/index.ts";
import { EXIT } from "./exit_codes.ts";
import type { OsmArguments } from "./osm_arguments.ts";
import { readOsmArea } from "./osm_area.ts";
import { showOsmProgress } from "./osm_progress.ts";
import type { OsmThreads } from "./start_osm_threads.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";
import { VERSION } from "./version.ts";

type Options = OsmArguments & GlobalOptions;

const ATTRIBUTION = "(c) OpenStreetMap contributors, ODbL 1.0";
const LICENSE = { license: "ODbL-1.0", licenseUrl: "https://opendatacommons.org/licenses/odbl/1-0/" };

/** Parse, call, print: the exit code of `tilth osm`. @param threads that are there for it already */
export async function runOsm(options: Options, threads: OsmThreads | null): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { out } = options;
  if (out === undefined)
    throw new TilthError("argument.invalid", "expected --out FILE (.gpkg, .geojson, .geojsonl, .fgb)");
  requireFeatureFormat(out);
  requireOtherFile(options.from, out);
  const crs = options.crs === undefined ? undefined : (await import("../crs/index.ts")).getCrs(options.crs);
  const area = await readOsmArea(options);
  const layers = planLayers({ tags: options.tags, scheme: schemeOf(options.layers), sea: options.sea });
  const clip = clipOf(options.clip);
  await using input = await openInput(options, layers, area, terminal, stop.signal);
  const startedMs = performance.now();
  const progress = showOsmProgress(options.quiet === true);
  try {
    const report = await importOsm({
      input,
      plan: { layers, area, clip },
      threads: threads?.import,
      openWriter: (found) =>
        openFeatureWriter(out, {
          layers: found,
          standby: threads?.writer,
          crs,
          attribution: ATTRIBUTION,
          provenance: {
            generator: `tilth ${VERSION}`,
            source: input.name,
            dataTimeMs: input.dataTimeMs,
            writtenAtMs: Date.now(),
            ...LICENSE,
          },
          signal: stop.signal,
        }),
      onProgress: progress.show,
      signal: stop.signal,
    });
    progress.stop();
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    terminal.answer({ ...report, seconds, out }, formatReport(report, seconds, out));
    return EXIT.whole;
  } finally {
    progress.stop();
  }
}

/** @throws `argument.invalid` when the output would take the place of the input */
function requireOtherFile(from: string | undefined, out: string): void {
  if (from === undefined || !existsSync(from) || !existsSync(out) || realpathSync(from) !== realpathSync(out)) return;
  throw new TilthError("argument.invalid", `expected --out to be another file than --from, got '${out}' for both`);
}

async function openInput(
  options: Options,
  layers: LayerPlan,
  area: WantedArea,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<OsmInput> {
  if (options.from !== undefined) return openOsmFile(options.from);
  // What asks services is not loaded for a file: 60 ms.
  const { askOverpass } = await import("./ask_overpass.ts");
  return askOverpass(options, { layers, area, terminal, signal });
}

function clipOf(text: string): ClipStrategy {
  if (text === "smart" || text === "simple") return text;
  if (text === "complete-ways") return "completeWays";
  throw new TilthError("argument.invalid", `expected --clip smart, complete-ways or simple, got '${text}'`);
}

function schemeOf(text: string): LayerScheme {
  if (text === "theme" || text === "geometry") return text;
  throw new TilthError("argument.invalid", `expected --layers theme or geometry, got '${text}'`);
}

function formatReport(report: ImportReport, seconds: number, out: string): string {
  const { nodes, ways, relations, features, problems, missingNodes } = report;
  const written = features.layers.filter(({ count }) => count > 0);
  const lines = written.map(({ name, count }) => `  ${name}: ${count}`);
  const told = Object.entries(problems).map(([problem, count]) => `${problem} ${count}`);
  const total = written.reduce((sum, { count }) => sum + count, 0);
  return [
    `${out}: ${total} features of ${nodes} nodes, ${ways} ways, ${relations} relations in ${formatDuration(seconds * 1000)}`,
    ...lines,
    ...(told.length > 0 ? [`rings and relations worth a look: ${told.join(", ")} (--json names them)`] : []),
    ...(missingNodes > 0
      ? [
          `nodes of ways that are not in the input: ${missingNodes} (take an extract with whole ways; --json names the ways)`,
        ]
      : []),
    ATTRIBUTION,
  ].join("\n");
}
