import { availableParallelism } from "node:os";
import { startSpareThreads } from "../concurrency/index.ts";
import { IMPORT_THREAD_LIMITS } from "../osm/index.ts";
import { engineTeller, findExtractBytes } from "./tell_engine.ts";

/**
 * For a command line that begins with `osm` and names an extract, starts the import's threads before the program itself is loaded. Whoever guesses wrong here has lost
 * some milliseconds: the words are read, and judged, later.
 * @param argv as `process.argv`
 * @returns how many were started
 */
export function startAhead(
  argv: readonly string[],
  start: typeof startSpareThreads = startSpareThreads,
  teller: Pick<typeof engineTeller, "beforeThreads"> = engineTeller,
): number {
  const [, , command, ...words] = argv;
  const from = words.find((_word, i) => words[i - 1] === "--from");
  if (command !== "osm" || from === undefined || words.includes("--help")) return 0;
  const sizeBytes = findExtractBytes(from);
  if (sizeBytes === null) return 0;
  teller.beforeThreads(from, sizeBytes);
  const count = availableParallelism();
  start(count, IMPORT_THREAD_LIMITS);
  return count;
}
