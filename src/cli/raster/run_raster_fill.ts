import { fillNodata } from "../../raster/index.ts";
import { requireInteger, requireTiffPath } from "../arguments.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { openInput, shownName } from "./open_inputs.ts";
import { writeResult, type WriteArguments } from "./write_result.ts";

export interface FillArguments extends WriteArguments {
  distance: number;
  smoothing: number;
}

/** A raster with its holes filled out of what is around them. */
export async function runRasterFill(file: string, options: FillArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  requireTiffPath(options.out);
  const maxDistance = requireInteger(options.distance, "--distance", 1, 1_000);
  const smoothing = requireInteger(options.smoothing, "--smoothing", 0, 100);
  await using source = await openInput(file, { signal: stop.signal });
  await using filled = fillNodata(source, { maxDistance, smoothing });
  return await writeResult(terminal, filled, options, stop.signal, { file: shownName(file) });
}
