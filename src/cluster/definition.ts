import { createHash } from "node:crypto";
import type { SeedTask } from "../seed/index.ts";

/** What is submitted: all that a worker on another machine needs to know. No secrets: keys stand in it as `${NAME}`. */
export interface SeedDefinition {
  /** As the user wrote it. */
  readonly source: string;
  /** How the source is opened and asked, in the words of the program that opens it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly task: SeedTask;
  /** Name of the cache in the database that the tiles go to. */
  readonly cache: string;
  /** Tiles that were older than this when the seed was submitted are fetched again, ms. */
  readonly refreshAgeMs: number | null;
  /** Further attempts for each tile. */
  readonly retries: number;
  /** Tiles of a block; null: as many as take about 40 s. */
  readonly blockTiles: number | null;
}

/** The same for the same work, whoever submits it and however it is cut. 16 hex digits. */
export function seedIdOf(definition: SeedDefinition): string {
  const { source, options, task, cache, refreshAgeMs, retries } = definition;
  const { coverage, zooms, sourceId } = task;
  const named = Object.entries(options).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const parts = [source, named, coverage, zooms, sourceId, cache, refreshAgeMs, retries];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
