import { calcRaster, type PixelType, type Raster } from "../../raster/index.ts";
import { requireTiffPath } from "../arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { nameBands, parseCalcInput } from "./calc_inputs.ts";
import { openInputs } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

export interface CalcArguments extends WriteArguments {
  type: PixelType;
  nodata?: number;
}

/** One band out of a formula over bands. */
export async function runRasterCalc(
  formula: string,
  inputs: readonly string[],
  options: CalcArguments & GlobalOptions,
): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  const named = inputs.map(parseCalcInput);
  // A file that is named twice is opened once: its blocks are read and decoded once.
  const files = [...new Set(named.map(({ file }) => file))];
  await using open = await openInputs(files, stop.signal);
  const rasters = named.map(({ file }) => open.rasters[files.indexOf(file)] as Raster);
  await using result = calcRaster(formula, nameBands(named, rasters), options);
  return await writeResult(terminal, result, options, stop.signal, { formula });
}
