import { TilthError } from "../../core/index.ts";
import { getCrs, type Crs } from "../../crs/index.ts";
import { requireFeatureFormat } from "../../feature/index.ts";
import { type Raster } from "../../raster/index.ts";
import {
  listProfile,
  PROFILE_HEAD,
  profileRow,
  ProfileTally,
  writeProfile,
  type ProfileOptions,
  type ProfileSummary,
} from "../../terrain/index.ts";
import { oneOf, parseNumbers, requireNumber } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { readLines } from "../read_lines.ts";
import { openInput } from "../raster/open_inputs.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { provenanceOf } from "./provenance.ts";
import { bandOf } from "./terrain_arguments.ts";

export interface ProfileArguments {
  out?: string;
  line?: string;
  lineCrs?: string;
  lines?: string;
  step?: string;
  sampling: string;
  band?: string;
}

type Lines = Awaited<ReturnType<typeof readLines>>;

/** Parse, call, print: the exit code of `tilth terrain profile`. */
export async function runProfile(input: string, options: ProfileArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const { out } = options;
  if (out !== undefined && !/\.csv$/i.test(out)) requireFeatureFormat(out);
  const [lines, lineCrs] = [await linesOf(options), lineCrsOf(options)];
  const step = options.step === undefined ? undefined : requireNumber("--step", options.step, 1e-6, 1e9);
  const sampling = oneOf("--sampling", options.sampling, ["bilinear", "nearest"] as const);
  await using raster = await openInput(input, { signal, elevation: "auto", overviews: false });
  const startedMs = performance.now();
  const profile = { lineCrs, step, sampling, band: bandOf(options, raster), signal };
  const summary =
    out === undefined
      ? await printProfile(raster, lines, profile, options.json === true)
      : await writeProfile(out, raster, lines, { ...profile, provenance: provenanceOf(input) });
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  if (out !== undefined || options.json === true)
    terminal.answer({ analysis: "profile", ...summary, out: out ?? null, seconds }, formatSummary(summary, out ?? ""));
  return EXIT.whole;
}

async function linesOf({ line, lines }: ProfileArguments): Promise<Lines> {
  if ((line === undefined) === (lines === undefined))
    throw new TilthError("argument.invalid", "expected either --line LON,LAT;LON,LAT or --lines FILE.geojson");
  if (lines !== undefined) return readLines(lines);
  const positions = (line ?? "").split(";").map((part) => parseNumbers("--line", part));
  return [
    positions.map(([x, y, ...more]) => {
      if (x !== undefined && y !== undefined && more.length === 0) return [x, y] as const;
      throw new TilthError("argument.invalid", `expected --line LON,LAT;LON,LAT..., got '${line}'`);
    }),
  ];
}

/** GeoJSON is always lon/lat. */
function lineCrsOf({ lineCrs, lines }: ProfileArguments): Crs {
  if (lineCrs !== undefined && lines !== undefined)
    throw new TilthError("argument.invalid", "expected --line-crs with --line alone: GeoJSON is always lon/lat");
  return getCrs(lineCrs ?? "OGC:CRS84");
}

/** Rows on stdout; none of them with `--json`, whose report is the only thing there. */
async function printProfile(
  raster: Raster,
  lines: Lines,
  options: ProfileOptions,
  isQuiet: boolean,
): Promise<ProfileSummary> {
  const tally = new ProfileTally();
  const batches = listProfile(raster, lines, options);
  if (!isQuiet) process.stdout.write(`${PROFILE_HEAD}\n`);
  for await (const batch of batches) {
    for (const place of batch) tally.add(place);
    if (!isQuiet) process.stdout.write(`${batch.map(profileRow).join("\n")}\n`);
  }
  return tally.summary;
}

function formatSummary({ places, gaps, length, least, most, climb, descent }: ProfileSummary, out: string): string {
  const heights = least === null ? "no heights" : `heights from ${least} to ${most}, up ${climb}, down ${descent}`;
  return `${out}: ${places} places on ${length} m, ${gaps} without a height; ${heights}`;
}
