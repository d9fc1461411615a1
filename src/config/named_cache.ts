import type { TileCache } from "../cache/index.ts";
import type { LonLatBbox } from "../geo/index.ts";
import type { TileRange } from "../grid/index.ts";
import type { FileStamp } from "./file_stamp.ts";

/** A cache and what it is called. */
export interface NamedCache {
  /** Of letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  readonly title: string;
  readonly attribution: string;
  readonly cache: TileCache;
  /** Levels with tiles, or those that its source serves; inclusive. 0-0 for an empty file. */
  readonly minZoom: number;
  readonly maxZoom: number;
  /** Where it has tiles, as far as is known: lon/lat degrees; null = anywhere. */
  readonly bounds: LonLatBbox | null;
  /** Box around its tiles on each level that has any; null while tiles may come anywhere: it has a source, or a job fills it. */
  readonly extents: readonly TileRange[] | null;
  /** Of a cache that is only read: its file may be replaced by a newer one. Absent: nobody else touches its file. */
  readonly file?: ArchiveFile;
}

/** What lies behind a cache that is only read. */
export interface ArchiveFile {
  /** How it stood before it was opened. */
  readonly stamp: FileStamp | null;
  /** Opens whatever is at its path now, under the same name, beside this one. @throws `store.*` */
  reopen(signal?: AbortSignal): Promise<NamedCache>;
}

/** A name for URLs out of any text. */
export function cacheNameOf(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9_.-]+/g, "_").replace(/^[.-]+/, "");
  return clean.slice(0, 60) || "cache";
}
