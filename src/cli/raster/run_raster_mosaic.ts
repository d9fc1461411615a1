import { getCrs } from "../../crs/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { mosaicRaster, type Resampling } from "../../reproject/index.ts";
import { oneOf, requireTiffPath } from "../arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInputs } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

export interface MosaicArguments extends WriteArguments {
  top: string;
  crs?: string;
  resolution?: readonly [number, number];
  extent?: Bbox;
  resampling?: Resampling;
  nodata?: number;
}

/** Many rasters as one. */
export async function runRasterMosaic(
  files: readonly string[],
  options: MosaicArguments & GlobalOptions,
): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  const onTop = oneOf<"first" | "last">("--top", options.top, ["first", "last"]);
  const crs = options.crs === undefined ? undefined : getCrs(options.crs);
  await using open = await openInputs(files, stop.signal);
  await using mosaic = mosaicRaster(open.rasters, { ...options, onTop, crs });
  return await writeResult(terminal, mosaic, options, stop.signal, { files: files.length });
}
