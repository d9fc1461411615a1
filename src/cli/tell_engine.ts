import { statSync } from "node:fs";
import { keepYoungSmall } from "./keep_young_small.ts";
import { preferQuickStart } from "./prefer_quick_start.ts";

/** Tells the engine of an import of an extract, before threads start. */
export function tellEngine(from: string, sizeBytes: number): void {
  keepYoungSmall();
  preferQuickStart(from, sizeBytes);
}

/** Bytes of an extract; null for what is no file. */
export function findExtractBytes(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : null;
}
