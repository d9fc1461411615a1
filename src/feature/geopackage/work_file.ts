import { existsSync } from "node:fs";
import type { SqliteFile } from "../../geopackage/index.ts";
import { workerModuleUrl } from "../../concurrency/index.ts";
import { partPath } from "../part_file.ts";

/** What the thread of a file runs. */
export const FEATURE_THREAD = workerModuleUrl("./feature_thread", import.meta.url);

/** 4 KiB: features are small, and a table of them is read from end to end. */
const PAGE_SIZE_BYTES = 4096;

/** The file that is written: the one that is there, else a new one beside its place. */
export function workFile(path: string): SqliteFile & { readonly isNew: boolean } {
  const isNew = !existsSync(path);
  return { path: isNew ? partPath(path) : path, mode: "write", lock: false, pageSizeBytes: PAGE_SIZE_BYTES, isNew };
}
