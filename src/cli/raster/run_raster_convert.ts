import { requireTiffPath } from "../arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

/** Writes a raster anew as tiled GeoTIFF or COG, with the same pixels. */
export async function runRasterConvert(file: string, options: WriteArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  await using raster = await openInput(file, { signal: stop.signal });
  return await writeResult(terminal, raster, options, stop.signal, { file: shownName(file) });
}
