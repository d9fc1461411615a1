import { openRaster, writeGeotiff, type Raster, type RasterStrip } from "../../raster/index.ts";
import { analyseRaster, analysisInfo } from "../../terrain/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
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

/** Words are written so often, ms. */
const PROGRESS_MS = 5_000;

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
  await writeGeotiff(out, { info, options: outputOptions(options) }, told(strips, raster, terminal), signal);
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { width, height } = raster.info;
  terminal.answer(
    { analysis: command, width, height, bands: info.bands.length, out, seconds },
    `${out}: ${command} of ${width} x ${height} cells in ${seconds} s`,
  );
  return EXIT.whole;
}

/** Says now and then how far it is. */
async function* told(
  strips: AsyncIterable<RasterStrip>,
  { info }: Raster,
  terminal: Terminal,
): AsyncGenerator<RasterStrip, void, undefined> {
  let rows = 0;
  let saidMs = performance.now();
  for await (const strip of strips) {
    yield strip;
    rows += strip.height;
    if (performance.now() - saidMs < PROGRESS_MS) continue;
    saidMs = performance.now();
    terminal.say(`${Math.floor((100 * rows) / info.height)}% (row ${rows} of ${info.height})`);
  }
}
