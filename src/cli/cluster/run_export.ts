import { copyPlan, planTask, saveTask } from "../../seed/index.ts";
import { openStore, shownLocation } from "../../store/index.ts";
import { exitCodeOfReport, formatReport } from "../seed_report.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { showCopy } from "./copy_progress.ts";
import { openCluster, type ClusterArguments } from "./open_cluster.ts";

export interface ExportArguments extends ClusterArguments {
  seed: string;
  out: string;
}

/** Brings the tiles of a seed home, as far as they are there. */
export async function runExport(options: ExportArguments & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const book = await openCluster(options, { signal, logger: terminal.logger });
  try {
    const { definition } = await book.getSeed(options.seed, signal);
    const from = await book.openTiles(definition.cache, signal);
    const { grid, metadata } = from;
    const to = await openStore(options.out, { mode: "write", grid, metadata, signal });
    try {
      const plan = planTask(grid, definition.task);
      const report = await copyPlan({ from, to, plan, onProgress: showCopy(terminal), signal });
      await saveTask(to, definition.task, report, Date.now());
      const out = shownLocation(options.out);
      terminal.answer({ ...report, out }, formatReport(report, { out }));
      return exitCodeOfReport(report);
    } finally {
      await to.close();
      await from.close();
    }
  } finally {
    await book.close();
  }
}
