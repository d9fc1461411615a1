import type { ImportProgress } from "../osm/index.ts";

const WORDS: Readonly<Record<ImportProgress["phase"], string>> = {
  reading: "reading",
  features: "making features",
  areas: "assembling areas",
  finishing: "indexing",
};
const LIVE_INTERVAL_MS = 200;
const PLAIN_INTERVAL_MS = 5000;

/** One line that is drawn over on a terminal, a line every few seconds elsewhere. */
export function showOsmProgress(quiet: boolean, stream: NodeJS.WriteStream = process.stderr) {
  let drawnMs = performance.now();
  let last: ImportProgress | null = null;
  const draw = (): void => {
    if (last === null || quiet) return;
    const { phase, nodes, ways, relations, features } = last;
    const text = `${WORDS[phase]}: ${nodes} nodes, ${ways} ways, ${relations} relations, ${features} features`;
    stream.write(stream.isTTY ? `\r\x1b[2K${text.slice(0, (stream.columns ?? 120) - 1)}` : `${text}\n`);
  };
  const show = (progress: ImportProgress): void => {
    last = progress;
    if (performance.now() - drawnMs < (stream.isTTY ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    drawnMs = performance.now();
    draw();
  };
  const stop = (): void => {
    if (stream.isTTY && last !== null && !quiet) stream.write("\r\x1b[2K");
    last = null;
  };
  return { show, stop };
}
