import { TilthError } from "../../core/index.ts";
import { writeGeotiff, type Raster } from "../../raster/index.ts";
import { computeViewshed, viewshedInfo, viewshedStrips } from "../../terrain/index.ts";
import { parseNumbers, requireInteger, requireNumber, requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { openInput } from "../raster/open_inputs.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { bandOf, outputOptions, type TerrainArguments } from "./terrain_arguments.ts";

export interface ViewshedArguments extends TerrainArguments {
  observer?: string;
  observerLonlat?: string;
  observerHeight: string;
  targetHeight: string;
  maxDistance: string;
  curvature: string;
  visible: string;
  invisible: string;
  outOfRange: string;
}

/** Parse, call, print: the exit code of `tilth terrain viewshed`. */
export async function runViewshed(input: string, options: ViewshedArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const out = requireTiffPath(options.out);
  const [numbers, write] = [numbersOf(options), outputOptions(options)];
  await using raster = await openInput(input, { signal, elevation: "auto", overviews: false });
  const startedMs = performance.now();
  const observer = observerOf(raster, options);
  const band = bandOf(options, raster);
  const viewshed = await computeViewshed(raster, { ...numbers, observer, band, signal });
  await writeGeotiff(out, { info: viewshedInfo(raster, viewshed), options: write }, viewshedStrips(viewshed), signal);
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const { rect, visibleCells, hiddenCells } = viewshed;
  const { width, height } = rect;
  terminal.answer(
    { analysis: "viewshed", width, height, observer, visibleCells, hiddenCells, out, seconds },
    `${out}: ${visibleCells} cells of ${width} x ${height} are seen, ${hiddenCells} are hidden; ${seconds} s`,
  );
  return EXIT.whole;
}

function numbersOf(options: ViewshedArguments) {
  const number = (option: string, text: string, least = -1e9): number => requireNumber(option, text, least, 1e9);
  const value = (option: string, text: string): number => requireInteger(Number(text), option, 0, 255);
  return {
    observerHeight: number("--observer-height", options.observerHeight),
    targetHeight: number("--target-height", options.targetHeight),
    maxDistance: number("--max-distance", options.maxDistance, 0),
    curvature: number("--curvature", options.curvature),
    visible: value("--visible", options.visible),
    invisible: value("--invisible", options.invisible),
    outOfRange: value("--out-of-range", options.outOfRange),
  };
}

function observerOf(
  { info }: Raster,
  { observer, observerLonlat }: ViewshedArguments,
): readonly [x: number, y: number] {
  if ((observer === undefined) === (observerLonlat === undefined))
    throw new TilthError("argument.invalid", "expected either --observer X,Y or --observer-lonlat LON,LAT");
  const option = observer === undefined ? "--observer-lonlat" : "--observer";
  const [x, y, ...more] = parseNumbers(option, observer ?? observerLonlat ?? "");
  if (x === undefined || y === undefined || more.length > 0)
    throw new TilthError("argument.invalid", `expected ${option} as two numbers with a comma between them`);
  if (observer !== undefined) return [x, y];
  if (info.crs === null)
    throw new TilthError("crs.unknown", `expected a DEM with a CRS, got none (${info.crsNote}); give --observer X,Y`);
  return info.crs.fromLonLat(x, y);
}
