import { TilthError } from "../../core/index.ts";
import { getCrs } from "../../crs/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { type RasterInfo } from "../../raster/index.ts";
import { requirePlace, suggestTarget, warpedRaster, type Resampling, type WarpTarget } from "../../reproject/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

export interface WarpArguments extends WriteArguments {
  crs?: string;
  like?: string;
  resolution?: readonly [number, number];
  extent?: Bbox;
  size?: readonly [number, number];
  resampling?: Resampling;
  nodata?: number;
}

/** A raster in another CRS, resolution or extent. */
export async function runRasterWarp(file: string, options: WarpArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  await using source = await openInput(file, { signal: stop.signal });
  const target = await targetOf(source.info, options, stop.signal);
  await using warped = warpedRaster(source, target, options);
  return await writeResult(terminal, warped, options, stop.signal, { file: shownName(file), crs: target.crs.code });
}

async function targetOf(info: RasterInfo, options: WarpArguments, signal: AbortSignal): Promise<WarpTarget> {
  const { crs, like, resolution, extent, size } = options;
  if (like === undefined) {
    const target = crs === undefined ? requirePlace(info).crs : getCrs(crs);
    return suggestTarget(info, target, { resolution, extent, size });
  }
  if ([crs, resolution, extent, size].some((value) => value !== undefined))
    throw new TilthError("argument.invalid", "expected --like FILE alone, or --crs, --resolution, --extent and --size");
  await using model = await openInput(like, { signal });
  const { width, height } = model.info;
  return { ...requirePlace(model.info), width, height };
}
