import { CancellableThreadPool, workerTask } from "../../concurrency/index.ts";
import { TilthError } from "../../core/index.ts";
import { ComputedRaster, type ComputeRequest } from "../computed_raster.ts";
import { RasterThreads } from "../raster_threads.ts";
import { canHold, isFloat, rangeOf, type PixelArray, type PixelType } from "../pixel_type.ts";
import { PixelMemory } from "../pixel_memory.ts";
import type { BandInfo, PixelRect, Raster, RasterInfo, RasterReadOptions } from "../raster.ts";
import { samePixels } from "../same_pixels.ts";
import type { calcBlock } from "./calc_worker.ts";
import { inputsOf, parseFormula } from "./parse_formula.ts";
import { CALC_WORKER } from "./worker_url.ts";

export interface CalcInput {
  readonly raster: Raster;
  /** Index from 0. */
  readonly band: number;
}

export interface CalcOptions {
  /** @default "float32" */
  readonly type?: PixelType;
  /** Of the result. @default NaN; the least value of whole numbers with a sign, the greatest of those without */
  readonly nodata?: number;
  /** @default one for each core */
  readonly threads?: number;
}

const task = workerTask<typeof calcBlock>({
  module: CALC_WORKER,
  name: "calcBlock",
});

/** Pixels of a strip: enough for a thread to be worth its while (20 ms). */
const STRIP_PIXELS = 1024 * 1024;

/**
 * One band out of a formula over bands of any files that share one grid of pixels. Doubles throughout; where any input has no data, or the formula
 * no result (0 / 0), neither has the result. Scale and offset of bands are applied. The inputs stay the caller's.
 * @throws `argument.invalid` for a formula that cannot be read, an unknown name, and inputs of different size or place
 */
export function calcRaster(
  formulaText: string,
  inputs: ReadonlyMap<string, CalcInput>,
  { type = "float32", nodata = defaultNodata(type), threads }: CalcOptions = {},
): Raster {
  const formula = parseFormula(formulaText);
  const names = inputsOf(formula);
  const used = names.map((name) => ({ name, ...requireInput(name, inputs) }));
  const first = used[0];
  if (first === undefined)
    throw new TilthError("argument.invalid", `expected a formula with at least one input, got '${formulaText}'`);
  for (const { name, raster } of used) requireSameGrid(first.raster.info, raster.info, name);
  if (!canHold(type, nodata))
    throw new TilthError("argument.invalid", `expected a nodata that ${type} can hold, got ${nodata}`);
  const pool = new RasterThreads(threads);
  const spares = new PixelMemory();
  const compute = async ({ rect, signal, memory }: ComputeRequest) => {
    const { pixels, valid } = await readInputs(used, rect, { signal, memory: spares });
    const out = memory.take(type, rect.width * rect.height);
    const job = { formula, inputs: pixels, valid, out, type, nodata };
    const buffers = [out, ...pixels.values()].map(({ buffer }) => buffer);
    const result = await pool.run(task, [job], { signal, transfer: [...new Set(buffers)] });
    spares.give(result.inputs);
    return { bands: [result.pixels] };
  };
  return new ComputedRaster({
    info: calcInfo(first.raster.info, type, nodata, formulaText),
    compute,
    close: () => pool.close(),
  });
}

type Used = CalcInput & { readonly name: string };

function requireInput(name: string, inputs: ReadonlyMap<string, CalcInput>): CalcInput {
  const found = inputs.get(name);
  if (found?.raster.info.bands[found.band] !== undefined) return found;
  const known = [...inputs.keys()].join(", ");
  throw new TilthError("argument.invalid", `the formula names '${name}', which no input has: known are ${known}`);
}

function requireSameGrid(info: RasterInfo, other: RasterInfo, name: string): void {
  if (samePixels(info, other)) return;
  throw new TilthError(
    "argument.invalid",
    `expected inputs of one size, place and CRS, got another for '${name}' (${other.width} x ${other.height} beside ${info.width} x ${info.height}): warp it first (tilth raster warp --like)`,
  );
}

/** Windows of so many files are read at once; each takes all threads for its blocks. */
const FILES_AT_ONCE = 8;

/** The files side by side: the first that cannot be read stops the others. */
async function readInputs(used: readonly Used[], rect: PixelRect, options: RasterReadOptions) {
  const pixels = new Map<string, PixelArray>();
  let valid: Uint8Array | null = null;
  await using files = new CancellableThreadPool({ maxWorkers: FILES_AT_ONCE });
  const read = async (stop: AbortSignal, raster: Raster): Promise<void> => {
    const of = used.filter((each) => each.raster === raster);
    const signal = options.signal === undefined ? stop : AbortSignal.any([stop, options.signal]);
    const bands = of.map(({ band }) => band);
    const window = await raster.readWindow(rect, { ...options, bands, validity: true, signal });
    of.forEach(({ name, band }, i) => {
      pixels.set(name, scaled(window.bands[i] as PixelArray, raster.info.bands[band] as BandInfo));
      valid = both(valid, window.validity[i] ?? null);
    });
  };
  const rasters = new Set(used.map(({ raster }) => raster));
  await Promise.all([...rasters].map((raster) => files.submitTask(read, raster)));
  return { pixels, valid: valid as Uint8Array | null };
}

function scaled(pixels: PixelArray, { scale, offset }: BandInfo): PixelArray {
  return scale === 1 && offset === 0 ? pixels : Float64Array.from(pixels, (pixel) => pixel * scale + offset);
}

function both(a: Uint8Array | null, b: Uint8Array | null): Uint8Array | null {
  if (a === null || b === null || a === b) return a ?? b;
  return a.map((value, i) => value & (b[i] as number));
}

function defaultNodata(type: PixelType): number {
  if (isFloat(type)) return Number.NaN;
  const [least, most] = rangeOf(type);
  return least < 0 ? least : most;
}

function calcInfo(info: RasterInfo, type: PixelType, nodata: number, formula: string): RasterInfo {
  const band: BandInfo = { type, description: formula, nodata, scale: 1, offset: 0, unit: "", color: "gray" };
  const blockRows = info.block.height;
  const rows = Math.ceil(Math.max(1, STRIP_PIXELS / info.width) / blockRows) * blockRows;
  const block = { width: info.width, height: Math.min(rows, info.height) };
  return { ...info, format: "formula", bands: [band], block, overviews: [], mask: "nodata", ...PLAIN };
}

const PLAIN = { palette: null, compression: "none", metadata: {} };
