import { TileCache } from "../cache/index.ts";
import { resolveSource } from "../config/index.ts";
import { TilthError } from "../core/index.ts";
import { tileToText } from "../grid/index.ts";
import { HttpClient } from "../net/index.ts";
import { repairStore } from "../seed/index.ts";
import { requireBulkAllowed, type TileSource } from "../source/index.ts";
import { shownLocation } from "../store/index.ts";
import { requireInteger } from "./arguments.ts";
import { EXIT } from "./exit_codes.ts";
import { openExisting } from "./open_existing.ts";
import { listenForStop } from "./stop_signals.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export interface RepairArguments {
  source?: string;
  concurrency: string;
}

export async function runRepair(file: string, options: RepairArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const concurrency =
    options.concurrency === "auto" ? "auto" : requireInteger(Number(options.concurrency), "--concurrency", 1, 1024);
  const client = new HttpClient({ defaultPolicy: { concurrency } });
  try {
    return await repairFile(file, terminal, client, options.source, stop.signal);
  } finally {
    await client.close();
  }
}

async function repairFile(
  file: string,
  terminal: Terminal,
  client: HttpClient,
  sourceSpec: string | undefined,
  signal: AbortSignal,
): Promise<number> {
  const store = await openExisting(file, signal);
  let source: TileSource | null = null;
  try {
    const spec = sourceSpec ?? store.metadata.sourceId;
    if (spec === null)
      throw new TilthError(
        "argument.invalid",
        `${shownLocation(file)} does not name its source; give one with --source`,
      );
    source = await resolveSource(spec, { client, grid: store.grid, signal });
    requireBulkAllowed(source.info);
    const onDamaged = ({ tile, reason }: { tile: Parameters<typeof tileToText>[0]; reason: string }): void =>
      terminal.say(`damaged ${tileToText(tile)}: ${reason}`);
    const report = await repairStore(new TileCache({ store, source }), { signal, onDamaged });
    const text = `removed ${report.removed} damaged; planned ${report.planned} = present ${report.present} + stored ${report.stored} + empty ${report.empty} + failed ${report.failed} + cancelled ${report.cancelled}`;
    terminal.answer({ file: shownLocation(file), ...report }, text);
    if (report.stopped === "cancelled") return EXIT.cancelled;
    return report.complete ? EXIT.whole : EXIT.incomplete;
  } finally {
    await source?.close();
    await store.close();
  }
}
