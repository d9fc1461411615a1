import type { RasterStrip } from "../raster/index.ts";
import type { Terminal } from "./terminal.ts";

/** Words are written so often, ms. */
const PROGRESS_MS = 5_000;

/** Says now and then how far the rows are. */
export function rowTeller(terminal: Terminal): (rows: number, height: number) => void {
  let saidMs = performance.now();
  return (rows, height) => {
    if (performance.now() - saidMs < PROGRESS_MS) return;
    saidMs = performance.now();
    terminal.say(`${Math.floor((100 * rows) / height)}% (row ${rows} of ${height})`);
  };
}

/** The same strips; says now and then how far they are. */
export async function* tellRows(
  strips: AsyncIterable<RasterStrip>,
  height: number,
  terminal: Terminal,
): AsyncGenerator<RasterStrip, void, undefined> {
  const tell = rowTeller(terminal);
  let rows = 0;
  for await (const strip of strips) {
    yield strip;
    rows += strip.height;
    tell(rows, height);
  }
}
