import { TilthError } from "../../core/index.ts";
import type { Raster } from "../../raster/index.ts";
import { listHeightRows } from "../height_rows.ts";
import { MAX_CLASSES, planOf, planSectors, type Classification, type ClassPlan } from "./classification.ts";
import { equalLimits, roundStep, stepLimits } from "./equal_classes.ts";
import { HistogramBuilder, quantileLimits, type HeightHistogram } from "./height_histogram.ts";
import { naturalLimits } from "./natural_breaks.ts";

/** Classes of quantiles and natural breaks, at the most: more of them than this say nothing, and cost. */
const MAX_SOUGHT_CLASSES = 255;

export interface PlanClassesOptions {
  /** Index from 0. @default 0 */
  readonly band?: number;
  readonly signal?: AbortSignal;
}

/**
 * Where classes begin and end. Reads the DEM once for its range, and for quantiles and natural breaks a second time for a histogram of 65,536 buckets.
 * @throws `argument.invalid`; what reading throws; `cancelled`
 */
export async function planClasses(
  raster: Raster,
  classification: Classification,
  options: PlanClassesOptions = {},
): Promise<ClassPlan> {
  check(classification);
  const { kind } = classification;
  if (kind === "sectors") return planSectors(classification.sectors);
  if (kind === "breaks") return planOf(kind, [-Infinity, ...sorted(classification.breaks), Infinity]);
  const range = await readRange(raster, options);
  if (range === null) return planOf(kind, []);
  const [least, most] = range;
  switch (kind) {
    case "equal":
      return planOf(kind, equalLimits(least, most, classification.classes));
    case "step":
      return planOf(kind, stepLimits(least, most, classification.step, classification.base));
    case "target":
      return planOf(kind, stepLimits(least, most, roundStep(least, most, classification.classes)));
    case "quantile":
      return planOf(kind, quantileLimits(await readHistogram(raster, range, options), most, classification.classes));
    case "natural": {
      const histogram = await readHistogram(raster, range, options);
      return planOf(kind, naturalLimits(histogram, most, classification.classes, options.signal));
    }
  }
}

function sorted(breaks: readonly number[]): Float64Array {
  return Float64Array.from(new Set(breaks)).sort();
}

function check(classification: Classification): void {
  const fault = faultOf(classification);
  if (fault !== null) throw new TilthError("argument.invalid", `expected ${fault}`);
}

function faultOf(classification: Classification): string | null {
  switch (classification.kind) {
    case "sectors":
      return [4, 8, 16].includes(classification.sectors) ? null : `4, 8 or 16 sectors, got ${classification.sectors}`;
    case "breaks": {
      const { length } = classification.breaks;
      const isFine = length >= 1 && length < MAX_CLASSES && classification.breaks.every(Number.isFinite);
      return isFine ? null : `1 to ${MAX_CLASSES - 1} breaks that are numbers, got ${length} of them`;
    }
    case "step": {
      const { step, base = 0 } = classification;
      const isFine = step > 0 && Number.isFinite(step) && Number.isFinite(base);
      return isFine ? null : `a step above 0 and a base that is a number, got ${step} and ${base}`;
    }
    default: {
      const { kind, classes } = classification;
      const most = kind === "quantile" || kind === "natural" ? MAX_SOUGHT_CLASSES : MAX_CLASSES;
      const isFine = Number.isInteger(classes) && classes >= 1 && classes <= most;
      return isFine ? null : `1 to ${most} classes, got ${classes}`;
    }
  }
}

/** Null without any height. */
async function readRange(
  raster: Raster,
  { band = 0, signal }: PlanClassesOptions,
): Promise<readonly [least: number, most: number] | null> {
  let [least, most] = [Infinity, -Infinity];
  for await (const line of listHeightRows(raster, band, signal))
    for (const height of line) {
      if (height < least) least = height;
      if (height > most) most = height;
    }
  return least <= most ? [least, most] : null;
}

async function readHistogram(
  raster: Raster,
  [least, most]: readonly [number, number],
  { band = 0, signal }: PlanClassesOptions,
): Promise<HeightHistogram> {
  const builder = new HistogramBuilder(least, most);
  for await (const line of listHeightRows(raster, band, signal)) builder.add(line);
  return builder.compact();
}
