import { TilthError } from "../../core/index.ts";
import { writeGeotiff } from "../../raster/index.ts";
import {
  classInfo,
  planClasses,
  reclassifyRaster,
  type Classification,
  type ClassPlan,
  type HeightClass,
} from "../../terrain/index.ts";
import { oneOf, parseNumbers, requireInteger, requireNumber, requireTiffPath } from "../arguments.ts";
import { EXIT } from "../exit_codes.ts";
import { openInput } from "../raster/open_inputs.ts";
import { tellRows } from "../row_progress.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { bandOf, outputOptions, scaleOf, type TerrainArguments } from "./terrain_arguments.ts";

export interface ReclassifyArguments extends TerrainArguments {
  method: string;
  classes: string;
  step?: string;
  base: string;
  breaks?: string;
  sectors: string;
}

const METHODS = ["equal", "step", "target", "quantile", "natural", "breaks", "sectors"] as const;
/** Classes that the report names. */
const MAX_TOLD = 1_000;

/** Parse, call, print: the exit code of `tilth terrain reclassify`. */
export async function runReclassify(input: string, options: ReclassifyArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const out = requireTiffPath(options.out);
  const [classification, scale] = [classificationOf(options), scaleOf(options)];
  const write = outputOptions(options);
  await using raster = await openInput(input, { signal, elevation: "auto", overviews: false });
  const band = bandOf(options, raster);
  const startedMs = performance.now();
  const plan = await planClasses(raster, classification, { band, signal });
  const counts = new Float64Array(plan.classes.length + 1);
  const strips = reclassifyRaster(raster, plan, { band, scale, signal }, counts);
  const { width, height } = raster.info;
  await writeGeotiff(
    out,
    { info: classInfo(raster, plan), options: write },
    tellRows(strips, height, terminal),
    signal,
  );
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  const report = { analysis: "reclassify", method: plan.kind, width, height, out, seconds, ...told(plan, counts) };
  terminal.answer(report, formatPlan(plan, counts, out, seconds));
  return EXIT.whole;
}

function told(plan: ClassPlan, counts: Float64Array) {
  const classes = plan.classes.slice(0, MAX_TOLD).map((one) => ({ ...one, cells: counts[one.value] }));
  return { type: plan.type, classCount: plan.classes.length, missing: counts[0], classes };
}

function classificationOf(options: ReclassifyArguments): Classification {
  const kind = oneOf("--method", options.method, METHODS);
  const most = Number.MAX_VALUE;
  switch (kind) {
    case "step": {
      if (options.step === undefined)
        throw new TilthError("argument.invalid", "expected --step N for --method step, got none");
      const step = requireNumber("--step", options.step, Number.MIN_VALUE, most);
      return { kind, step, base: requireNumber("--base", options.base, -most, most) };
    }
    case "breaks":
      if (options.breaks === undefined)
        throw new TilthError("argument.invalid", "expected --breaks A,B,C for --method breaks, got none");
      return { kind, breaks: parseNumbers("--breaks", options.breaks) };
    case "sectors":
      return { kind, sectors: oneOf<4 | 8 | 16>("--sectors", Number(options.sectors), [4, 8, 16]) };
    default: {
      const limit = kind === "quantile" || kind === "natural" ? 255 : 1_000_000;
      return { kind, classes: requireInteger(Number(options.classes), "--classes", 1, limit) };
    }
  }
}

function formatPlan(plan: ClassPlan, counts: Float64Array, out: string, seconds: number): string {
  const lines = plan.classes
    .slice(0, MAX_TOLD)
    .map((one) => `  ${one.value}: ${limits(one)}, ${counts[one.value]} cells`);
  return [`${out}: ${plan.classes.length} classes (${plan.kind}) in ${seconds} s`, ...lines].join("\n");
}

function limits({ from, to, name }: HeightClass): string {
  const words = `${from === null ? "up" : `from ${from}`}${to === null ? "" : ` to ${to}`}`;
  return name === "" ? words : `${name}, ${words} degrees`;
}
