import { writeGeotiff, type Raster } from "../../raster/index.ts";
import {
  analysedRaster,
  analyseRaster,
  analysisInfo,
  type AnalyseOptions,
  type Analysis,
} from "../../terrain/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { isCacheName, openInput, titleOf } from "../raster/open_inputs.ts";
import { tellRows } from "../row_progress.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import {
  bandOf,
  outputOptions,
  readAnalysis,
  scaleOf,
  type TerrainArguments,
  type TerrainCommand,
} from "./terrain_arguments.ts";

/** Parse, call, print: the exit code of `tilth terrain slope` and its like. */
export async function runTerrain(
  command: TerrainCommand,
  input: string,
  options: TerrainArguments & GlobalOptions,
): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const isTiles = options.out !== undefined && !/\.tiff?$/i.test(options.out);
  if (!isTiles) requireTiffPath(options.out);
  const isCache = isCacheName(input);
  await using raster = await openInput(input, { signal, elevation: "auto", overviews: false });
  const analysis = await readAnalysis(command, options, raster, signal);
  // Tiles of a Mercator map are read by latitude: nobody sees heights on them otherwise.
  const how = {
    band: bandOf(options, raster),
    computeEdges: options.computeEdges,
    scale: scaleOf(options),
    onGround: isCache,
  };
  if (isTiles) {
    await using result = analysedRaster(raster, analysis, how);
    const grid = options.grid ?? "WebMercatorQuad";
    const wanted = { ...options, grid, format: options.format ?? "png", quality: 85 };
    const { tileInto } = await import("../raster/run_raster_tile.ts");
    const { exitCodeOfReport, formatReport } = await import("../seed_report.ts");
    const report = await tileInto(result, `${command} of ${titleOf(input)}`, wanted, { terminal, signal });
    terminal.answer({ analysis: command, ...report, out: options.out }, formatReport(report, options));
    return exitCodeOfReport(report);
  }
  return await writeAnalysis(command, raster, analysis, how, { terminal, options, signal });
}

async function writeAnalysis(
  command: TerrainCommand,
  raster: Raster,
  analysis: Analysis,
  how: AnalyseOptions,
  { terminal, options, signal }: { terminal: Terminal; options: TerrainArguments; signal: AbortSignal },
): Promise<number> {
  const out = requireTiffPath(options.out);
  const startedMs = performance.now();
  const strips = analyseRaster(raster, analysis, { ...how, signal });
  const info = analysisInfo(raster, analysis);
  await writeGeotiff(
    out,
    { info, options: outputOptions(options) },
    tellRows(strips, raster.info.height, terminal),
    signal,
  );
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { width, height } = raster.info;
  terminal.answer(
    { analysis: command, width, height, bands: info.bands.length, out, seconds },
    `${out}: ${command} of ${width} x ${height} cells in ${seconds} s`,
  );
  return EXIT.whole;
}
