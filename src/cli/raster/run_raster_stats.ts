import { TilthError } from "../../core/index.ts";
import { computeHistogram, computeStatistics, type BandStatistics } from "../../raster/index.ts";
import { requireInteger } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";

/** Least, greatest, mean and deviation of each band, of every pixel. */
export async function runRasterStats(file: string, options: GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  await using raster = await openInput(file, { signal: stop.signal });
  const bands = await computeStatistics(raster, { signal: stop.signal });
  terminal.answer({ file: shownName(file), bands }, bands.map(formatStatistics).join("\n"));
  return EXIT.whole;
}

function formatStatistics({ count, missing, least, most, mean, deviation }: BandStatistics, index: number): string {
  const values = count === 0 ? "no data" : `${least} to ${most}, mean ${mean}, deviation ${deviation}`;
  return `band ${index + 1}: ${values} (${count} pixels, ${missing} without data)`;
}

export interface HistogramArguments {
  band: number;
  buckets: number;
  min?: number;
  max?: number;
}

/** How many pixels of a band lie in each bucket, from its least to its greatest value unless said. */
export async function runRasterHistogram(file: string, options: HistogramArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const buckets = requireInteger(options.buckets, "--buckets", 1, 65_536);
  await using raster = await openInput(file, { signal: stop.signal });
  const band = requireInteger(options.band, "--band", 1, raster.info.bands.length) - 1;
  const range = { bands: [band], signal: stop.signal };
  const isKnown = options.min !== undefined && options.max !== undefined;
  const of = isKnown ? undefined : (await computeStatistics(raster, range))[0];
  const least = options.min ?? of?.least ?? null;
  const most = options.max ?? of?.most ?? null;
  if (least === null || most === null)
    throw new TilthError("argument.invalid", `expected data in band ${band + 1}, got none: say --min and --max`);
  const [histogram] = await computeHistogram(raster, { ...range, buckets, least, most });
  const json = { file: shownName(file), band: band + 1, least, most, ...histogram };
  const width = (most - least) / buckets;
  const lines = (histogram?.counts ?? []).map(
    (count, i) => `${least + i * width} to ${least + (i + 1) * width}: ${count}`,
  );
  terminal.answer(json, lines.join("\n"));
  return EXIT.whole;
}
