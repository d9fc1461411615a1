import { tileToText } from "../grid/index.ts";
import { verifyStore, type VerifyReport } from "../seed/index.ts";
import { openStore, shownLocation } from "../store/index.ts";
import { EXIT } from "./exit_codes.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface VerifyArguments {
  layer?: string;
  decode?: boolean;
}

export async function runVerify(file: string, options: VerifyArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const store = await openStore(file, { mode: "read", layer: options.layer, signal: stop.signal });
  try {
    const report = await verifyStore(store, {
      decode: options.decode,
      signal: stop.signal,
      onDamaged: ({ tile, reason }) => terminal.say(`damaged ${tileToText(tile)}: ${reason}`),
    });
    terminal.answer({ file: shownLocation(file), ...report }, formatVerify(report));
    return report.whole ? EXIT.whole : EXIT.incomplete;
  } finally {
    await store.close();
  }
}

function formatVerify(report: VerifyReport): string {
  const lines = [
    `${report.tiles} tiles, ${report.empty} known empty, ${report.damaged} damaged, ${report.missing} missing`,
    ...report.integrity.map((finding) => `container: ${finding}`),
    ...report.tasks.map(
      ({ id, count }) =>
        `task ${id}: planned ${count.planned} = present ${count.present} + empty ${count.empty} + missing ${count.missing}`,
    ),
    report.whole ? "whole" : "not whole: tilth repair fetches what is damaged or missing",
  ];
  return lines.join("\n");
}
