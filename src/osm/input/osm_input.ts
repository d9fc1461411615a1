import type { OsmPart } from "../import/osm_part.ts";

/** OpenStreetMap data in whatever form; looked at more than once. */
export interface OsmInput extends AsyncDisposable {
  /** A file's name, or an address without secrets. */
  readonly name: string;
  /** Of the data, UTC milliseconds; null when it does not say. Known after the first pass. */
  readonly dataTimeMs: number | null;
  /** All parts in the same order each time. @throws `osm.*`, `store.*` */
  parts(signal?: AbortSignal): AsyncIterable<OsmPart>;
  /** Where parts are cut by guess: gives them without guessing from now on. @returns false when it did so already */
  stopGuessing?(): boolean;
}
