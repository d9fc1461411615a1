import type { RasterStrip } from "../raster/index.ts";
import type { Terminal } from "./terminal.ts";

/** Words are written so often, ms. */
const PROGRESS_MS = 5_000;

/** The same strips; says now and then how far they are. */
export async function* tellRows(
  strips: AsyncIterable<RasterStrip>,
  height: number,
  terminal: Terminal,
): AsyncGenerator<RasterStrip, void, undefined> {
  let rows = 0;
  let saidMs = performance.now();
  for await (const strip of strips) {
    yield strip;
    rows += strip.height;
    if (performance.now() - saidMs < PROGRESS_MS) continue;
    saidMs = performance.now();
    terminal.say(`${Math.floor((100 * rows) / height)}% (row ${rows} of ${height})`);
  }
}
