import { opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { throwIfAborted } from "../../core/index.ts";
import type { SqliteConnection, SqliteValue } from "../../geopackage/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import { formatOfExtension } from "../sniff_format.ts";
import type { TileFormat } from "../tile_store.ts";
import { LEDGER_TABLE } from "../sqlite/table_names.ts";

interface FoundFile {
  path: string;
  z: number;
  x: number;
  y: number;
  extension: string;
}

const BATCH_FILES = 1_000;

/** Enters the `z/x/y.ext` files of a folder into its new ledger. Their format by the first name; null when there are none. */
export async function adoptFiles(
  db: SqliteConnection,
  root: string,
  grid: TileMatrixSet,
  signal: AbortSignal | undefined,
): Promise<TileFormat | null> {
  let format: TileFormat | null = null;
  let batch: FoundFile[] = [];
  for await (const file of walk(root)) {
    throwIfAborted(signal);
    if (!grid.hasTile(file)) continue;
    format ??= formatOfExtension(file.extension);
    batch.push(file);
    if (batch.length < BATCH_FILES) continue;
    await enter(db, root, batch);
    batch = [];
  }
  await enter(db, root, batch);
  return format;
}

async function* walk(root: string): AsyncGenerator<FoundFile> {
  for await (const z of numbered(root)) {
    for await (const x of numbered(join(root, z))) {
      for await (const entry of await opendir(join(root, z, x))) {
        const match = /^(\d+)\.([a-z]+)$/i.exec(entry.name);
        const extension = match?.[2] ?? "";
        if (!entry.isFile() || match === null || formatOfExtension(extension) === null) continue;
        yield { path: `${z}/${x}/${entry.name}`, z: Number(z), x: Number(x), y: Number(match[1]), extension };
      }
    }
  }
}

async function* numbered(folder: string): AsyncGenerator<string> {
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory() && /^\d+$/.test(entry.name)) yield entry.name;
  }
}

async function enter(db: SqliteConnection, root: string, files: readonly FoundFile[]): Promise<void> {
  const tiles: SqliteValue[][] = [];
  const ledger: SqliteValue[][] = [];
  for (const { path, z, x, y } of files) {
    const { mtime, size } = await stat(join(root, path));
    if (size === 0) continue;
    tiles.push([z, x, y, path]);
    ledger.push([z, x, y, mtime.toISOString(), size]);
  }
  await db.transaction([
    { sql: "INSERT OR IGNORE INTO tiles VALUES (?, ?, ?, ?)", rows: tiles },
    {
      sql: `INSERT OR IGNORE INTO ${LEDGER_TABLE} (table_name, zoom_level, tile_column, tile_row, status, fetched_at, size_bytes)
        VALUES ('tiles', ?, ?, ?, 'present', ?, ?)`,
      rows: ledger,
    },
  ]);
}
