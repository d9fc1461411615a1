import type { TileCache } from "../cache/index.ts";
import type { LonLatBbox } from "../geo/index.ts";

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
}

/** A name for URLs out of any text. */
export function cacheNameOf(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9_.-]+/g, "_").replace(/^[.-]+/, "");
  return clean.slice(0, 60) || "cache";
}
