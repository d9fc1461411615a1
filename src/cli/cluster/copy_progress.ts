import { formatBytes } from "../../core/index.ts";
import type { CopyCounts } from "../../seed/index.ts";
import type { Terminal } from "../terminal.ts";

const INTERVAL_MS = 5000;

/** A line every few seconds. */
export function showCopy(terminal: Terminal): (counts: CopyCounts) => void {
  let nextMs = performance.now() + INTERVAL_MS;
  return ({ planned, present, stored, empty, failed, bytes }) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + INTERVAL_MS;
    const done = present + stored + empty + failed;
    terminal.say(`${done}/${planned} (present ${present}, stored ${stored}, empty ${empty}) ${formatBytes(bytes)}`);
  };
}
