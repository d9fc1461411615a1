import { formatBytes } from "../core/index.ts";
import { formatZooms } from "../grid/index.ts";
import { listSeedTasks } from "../seed/index.ts";
import { openStore, shownLocation } from "../store/index.ts";
import { EXIT } from "./exit_codes.ts";
import { Terminal, type GlobalOptions } from "./terminal.ts";

export async function runInfo(file: string, options: { layer?: string } & GlobalOptions): Promise<number> {
  const terminal = new Terminal(options);
  const store = await openStore(file, { mode: "read", layer: options.layer });
  try {
    const zooms = await store.listLevels();
    const levels = [];
    for (const z of zooms) levels.push({ z, ...(await store.count({ z })) });
    const tasks = (await listSeedTasks(store)).map(({ id, task }) => ({
      id,
      zooms: task.zooms,
      sourceId: task.sourceId,
    }));
    const { id, crs } = store.grid;
    const info = {
      file: shownLocation(file),
      kind: store.kind,
      grid: id,
      crs: crs.code,
      metadata: store.metadata,
      levels,
      tasks,
    };
    terminal.answer(info, formatInfo(info));
    return EXIT.whole;
  } finally {
    await store.close();
  }
}

interface Info {
  file: string;
  kind: string;
  grid: string;
  crs: string;
  metadata: { title: string; attribution: string; format: string | null; sourceId: string | null };
  levels: { z: number; present: number; empty: number; sizeBytes: number }[];
  tasks: { id: string; zooms: readonly number[]; sourceId: string | null }[];
}

function formatInfo(info: Info): string {
  const { metadata } = info;
  const lines = [
    `${info.file}: ${info.kind}, ${metadata.title}`,
    `grid ${info.grid} (${info.crs}), format ${metadata.format ?? "not known"}`,
    `source ${metadata.sourceId ?? "not known"}`,
    ...(metadata.attribution === "" ? [] : [`attribution ${metadata.attribution}`]),
    ...info.levels.map(
      ({ z, present, empty, sizeBytes }) =>
        `  zoom ${z}: ${present} tiles, ${empty} known empty, ${formatBytes(sizeBytes)}`,
    ),
    ...info.tasks.map((task) => `task ${task.id}: zoom ${formatZooms(task.zooms)}`),
  ];
  return lines.join("\n");
}
