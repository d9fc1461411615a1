import { basename, extname } from "node:path";
import { cacheNameOf } from "../../config/index.ts";
import { readPostgresUrl } from "../../postgres/index.ts";
import { copyStore } from "../../seed/index.ts";
import { openStore } from "../../store/index.ts";
import { exitCodeOfReport, formatReport } from "../seed_report.ts";
import { listenForStop } from "../stop_signals.ts";
import { Terminal, type GlobalOptions } from "../terminal.ts";
import { showCopy } from "./copy_progress.ts";
import { clusterUrl, type ClusterArguments } from "./open_cluster.ts";

export interface ImportArguments extends ClusterArguments {
  layer?: string;
}

/** Brings a file's tiles, and the areas that it was seeded for, into a cache of the database. */
export async function runImport(file: string, options: ImportArguments & GlobalOptions): Promise<number> {
  const url = clusterUrl(options.cluster);
  const layer = readPostgresUrl(url).layer ?? cacheNameOf(basename(file, extname(file)));
  const terminal = new Terminal(options);
  using stop = listenForStop((text) => terminal.say(text));
  const { signal } = stop;
  const from = await openStore(file, { mode: "read", layer: options.layer, signal });
  try {
    const { grid, metadata } = from;
    const to = await openStore(url, { mode: "write", layer, grid, metadata, signal });
    try {
      const report = await copyStore({ from, to, onProgress: showCopy(terminal), signal });
      for (const task of await from.listTasks({ signal })) await to.putTask(task);
      terminal.answer({ ...report, out: to.location }, formatReport(report, { out: to.location }));
      return exitCodeOfReport(report);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}
