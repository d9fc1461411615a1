import { openRaster, writeGeotiff } from "../../raster/index.ts";
import { analyseRaster, analysisInfo } from "../../terrain/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
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
  const out = requireTiffPath(options.out);
  await using raster = await openRaster(input, { signal });
  const analysis = await readAnalysis(command, options, raster, signal);
  const startedMs = performance.now();
  const strips = analyseRaster(raster, analysis, {
    band: bandOf(options, raster),
    computeEdges: options.computeEdges,
    scale: scaleOf(options),
    signal,
  });
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
