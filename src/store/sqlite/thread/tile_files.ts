import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TilthError } from "../../../core/index.ts";
import type { SqliteThread } from "../../../geopackage/index.ts";
import { extensionOf } from "../../sniff_format.ts";
import type { UnpackedWrite } from "../write_batch.ts";

const TEMP_FOLDER = ".tilth/tmp";

const counters = new WeakMap<SqliteThread, { next: number }>();

/**
 * Files and ledger as one: new bytes are written to temporary files first, the transaction of the ledger says where each
 * of them belongs, and the renames follow. Whoever opens the folder after a kill does the renames that were not done, so that
 * the two never disagree.
 */
export class TileFiles {
  readonly #db: SqliteThread;
  readonly #root: string;

  constructor(db: SqliteThread, root: string) {
    this.#db = db;
    this.#root = root;
  }

  /** Within the transaction. The path that the tile will have, relative to the root. */
  stage({ z, x, y, data }: UnpackedWrite): string {
    const counter = counters.get(this.#db) ?? { next: 0 };
    counters.set(this.#db, counter);
    const path = `${z}/${x}/${y}.${extensionOf(data)}`;
    const temp = `${TEMP_FOLDER}/${process.pid}-${(counter.next += 1)}`;
    writeCreating(join(this.#root, temp), data);
    this.#db.run("INSERT OR REPLACE INTO tilth_pending_file VALUES (?, ?)", [path, temp]);
    return path;
  }

  /** Within the transaction. */
  stageRemoval(path: string): void {
    this.#db.run("INSERT OR REPLACE INTO tilth_pending_file VALUES (?, NULL)", [path]);
  }

  /** After the commit, or at the next open: does what the ledger says. */
  finish(): void {
    const pending = this.#db.all("SELECT path, temp FROM tilth_pending_file");
    if (pending.length === 0) return;
    for (const { path, temp } of pending) {
      const target = join(this.#root, String(path));
      if (temp === null) rmSync(target, { force: true });
      else renameCreating(join(this.#root, String(temp)), target);
    }
    this.#db.run("DELETE FROM tilth_pending_file");
  }

  /** Temporary files that no ledger knows of: of a batch that was killed before its commit. Only after `finish`. */
  removeLeftovers(): void {
    rmSync(join(this.#root, TEMP_FOLDER), { recursive: true, force: true });
  }
}

/** null when the file has gone; looks where the bytes wait when their rename has not been done yet. */
export function readTileFile(db: SqliteThread, root: string, path: string): Uint8Array | null {
  const pending = db.get("SELECT temp FROM tilth_pending_file WHERE path = ?", [path])?.["temp"];
  const waiting = typeof pending === "string" ? readIfThere(join(root, pending)) : null;
  return waiting ?? readIfThere(join(root, path));
}

function readIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}

function writeCreating(path: string, data: Uint8Array): void {
  try {
    writeFileSync(path, data);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, data);
  }
}

function renameCreating(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    mkdirSync(dirname(to), { recursive: true });
    renameIfThere(from, to);
  }
}

/** The rename of an earlier run may have been done just before it was killed. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    if (readIfThere(to) === null) {
      throw new TilthError("store.corrupt", `${to} has been lost; run repair to fetch it again`, {
        fields: { path: to },
      });
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
