import { parseDurationMs, TilthError } from "../core/index.ts";
import { bboxCoverage } from "../grid/index.ts";
import { cleanupStore } from "../seed/index.ts";
import { shownLocation } from "../store/index.ts";
import { EXIT } from "./exit_codes.ts";
import { openExisting } from "./open_existing.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface CleanupArguments {
  older?: string;
  outside?: number[];
}

export async function runCleanup(file: string, options: CleanupArguments & GlobalOptions): Promise<number> {
  const { older, outside } = options;
  if (older === undefined && outside === undefined)
    throw new TilthError("argument.invalid", "expected --older AGE or --outside W,S,E,N, got neither");
  const fetchedBeforeMs = older === undefined ? undefined : Date.now() - parseDurationMs(older);
  const coverage = outside === undefined ? undefined : bboxCoverage(outside);
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const store = await openExisting(file, stop.signal);
  try {
    const removed = await cleanupStore(store, { fetchedBeforeMs, outside: coverage, signal: stop.signal });
    terminal.answer({ file: shownLocation(file), removed }, `${removed} tiles forgotten`);
    return EXIT.whole;
  } finally {
    await store.close();
  }
}
