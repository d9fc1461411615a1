import { statSync } from "node:fs";
import { keepYoungSmall } from "./keep_young_small.ts";
import { markAtOnce } from "./mark_at_once.ts";
import { preferQuickStart, startYoungLarger } from "./prefer_quick_start.ts";

/**
 * Tells the engine of an import of an extract. Code that Node keeps compiled, its own modules above all, is taken only by an engine with the flags that it was compiled under,
 * but for the sizes of young generations: with any other flag each thread takes 60 ms of CPU to start instead of 30. So all others are set when the threads that read are up.
 */
export interface EngineTeller {
  /** Before threads start. */
  beforeThreads(from: string, sizeBytes: number): void;
  /** When those that read are up. */
  whenUp(from: string, sizeBytes: number): void;
}

export const engineTeller: EngineTeller = {
  beforeThreads: (from, sizeBytes) => startYoungLarger(from, sizeBytes),
  whenUp: (from, sizeBytes) => {
    keepYoungSmall();
    markAtOnce();
    preferQuickStart(from, sizeBytes);
  },
};

/** Bytes of an extract; null for what is no file. */
export function findExtractBytes(path: string): number | null {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : null;
}
