import type { PixelArray, Raster, RasterStrip, WriteInfo } from "../../raster/index.ts";
import { newPixels } from "../../raster/index.ts";
import { NO_RESULT } from "../analysis.ts";
import { analyseRaster } from "../analyse_raster.ts";
import { listHeightRows } from "../height_rows.ts";
import { classifier, type ClassPlan } from "./classification.ts";

/** What stands where there is no height, or no class. */
export const NO_CLASS = 0;
/** Cells of a strip that is written, about. */
const STRIP_CELLS = 1_048_576;

export interface ReclassifyOptions {
  /** Index from 0. @default 0 */
  readonly band?: number;
  /** Of sectors: units of height in one of the CRS, as `AnalyseOptions.scale`. */
  readonly scale?: number | null;
  readonly signal?: AbortSignal;
}

/** What a file of classes says of itself. */
export function classInfo({ info }: Raster, { type }: ClassPlan): WriteInfo {
  const band = { type, description: "", nodata: NO_CLASS, scale: 1, offset: 0, unit: "", color: "gray" } as const;
  return { width: info.width, height: info.height, bands: [band], crs: info.crs, affine: info.affine };
}

/**
 * A DEM's classes, in strips from the top to the bottom: for `writeGeotiff`. 0 where there is no height.
 * @param counts gets one more for each cell, by its value; `plan.classes.length + 1` long
 * @throws what reading throws, for sectors also what `analyseRaster` does; `cancelled`
 */
export async function* reclassifyRaster(
  raster: Raster,
  plan: ClassPlan,
  options: ReclassifyOptions = {},
  counts = new Float64Array(plan.classes.length + 1),
): AsyncGenerator<RasterStrip, void, undefined> {
  const classOf = classifier(plan);
  const strips = plan.kind === "sectors" ? listAspects(raster, options) : listStrips(raster, options);
  for await (const { height, values } of strips) {
    const pixels = newPixels(plan.type, values.length);
    for (let i = 0; i < values.length; i++) {
      const value = classOf(values[i] as number);
      pixels[i] = value;
      (counts[value] as number) += 1;
    }
    yield { height, bands: [pixels] };
  }
}

interface ValueStrip {
  readonly height: number;
  readonly values: Float64Array | PixelArray;
}

async function* listAspects(raster: Raster, options: ReclassifyOptions): AsyncGenerator<ValueStrip> {
  for await (const { height, bands } of analyseRaster(
    raster,
    { kind: "aspect", method: "horn", angle: "azimuth" },
    options,
  )) {
    const values = bands[0] as PixelArray;
    for (let i = 0; i < values.length; i++) if (values[i] === NO_RESULT) values[i] = Number.NaN;
    yield { height, values };
  }
}

async function* listStrips(raster: Raster, { band = 0, signal }: ReclassifyOptions): AsyncGenerator<ValueStrip> {
  const { width, height } = raster.info;
  const rows = Math.max(1, Math.floor(STRIP_CELLS / width));
  let done = 0;
  let values = new Float64Array(0);
  for await (const line of listHeightRows(raster, band, signal)) {
    const row = done % rows;
    if (row === 0) values = new Float64Array(width * Math.min(rows, height - done));
    values.set(line, row * width);
    done++;
    if (done % rows === 0 || done === height) yield { height: row + 1, values };
  }
}
