import { TilthError } from "../../core/index.ts";
import { getCrs } from "../../crs/index.ts";
import { requireFeatureFormat } from "../../feature/index.ts";
import { writeContours, type ContourLevels } from "../../terrain/index.ts";
import { parseNumbers, requireInteger, requireNumber } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { openInput } from "../raster/open_inputs.ts";
import { rowTeller } from "../row_progress.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { provenanceOf } from "./provenance.ts";
import { bandOf } from "./terrain_arguments.ts";

export interface ContoursArguments {
  out?: string;
  interval?: string;
  base: string;
  levels?: string;
  polygons?: boolean;
  smooth: string;
  crs?: string;
  inputCrs?: string;
  band?: string;
}

/** Parse, call, print: the exit code of `tilth terrain contours`. */
export async function runContours(input: string, options: ContoursArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const out = requireOut(options.out);
  const levels = levelsOf(options);
  const smoothing = requireInteger(Number(options.smooth), "--smooth", 0, 6);
  const [crs, inputCrs] = [options.crs, options.inputCrs].map((code) => (code === undefined ? code : getCrs(code)));
  await using raster = await openInput(input, { signal, elevation: "auto", overviews: false });
  const startedMs = performance.now();
  const { features, cuts } = await writeContours(out, raster, {
    levels,
    polygons: options.polygons,
    smoothing,
    band: bandOf(options, raster),
    crs,
    inputCrs,
    provenance: provenanceOf(input),
    onProgress: rowTeller(terminal),
    signal,
  });
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { width, height } = raster.info;
  if (cuts > 0) terminal.say(`what was open at once was too much: everything is cut along ${cuts} rows`);
  terminal.answer(
    { analysis: "contours", width, height, features, cuts, out, seconds },
    `${out}: ${features} ${options.polygons === true ? "areas" : "lines"} of ${width} x ${height} cells in ${seconds} s`,
  );
  return EXIT.whole;
}

function requireOut(out: string | undefined): string {
  if (out === undefined)
    throw new TilthError("argument.invalid", "expected --out FILE (.gpkg, .geojson, .geojsonl, .fgb)");
  requireFeatureFormat(out);
  return out;
}

function levelsOf({ interval, base, levels }: ContoursArguments): ContourLevels {
  if ((interval === undefined) === (levels === undefined))
    throw new TilthError("argument.invalid", "expected either --interval N or --levels A,B,C");
  if (levels !== undefined) return { levels: parseNumbers("--levels", levels) };
  const most = Number.MAX_VALUE;
  return {
    interval: requireNumber("--interval", interval ?? "", Number.MIN_VALUE, most),
    base: requireNumber("--base", base, -most, most),
  };
}
