import { throwIfAborted, TilthError } from "../core/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";
import { inspectTile } from "../raster/index.ts";
import type { FetchTileOptions, SourceTile, TileSource, SourceInfo } from "./tile_source.ts";

/** The little that this room needs of a local archive; every store of `store/` is one. */
export interface TileArchive {
  readonly kind: string;
  readonly location: string;
  readonly grid: TileMatrixSet;
  readonly metadata: { readonly title: string; readonly attribution: string; readonly format: SourceInfo["format"] };
  find(
    tile: TileCoord,
    options?: { signal?: AbortSignal },
  ): Promise<{
    readonly data: Uint8Array | null;
    readonly etag: string | null;
    readonly lastModified: string | null;
  } | null>;
  listLevels(options?: { signal?: AbortSignal }): Promise<number[]>;
  close(): Promise<void>;
}

/** A local archive as a source: what it does not hold is empty. It is closed with the source. @throws `source.invalid` when it holds nothing */
export async function archiveSource(archive: TileArchive): Promise<TileSource> {
  const levels = await archive.listLevels();
  const { grid, metadata, kind, location } = archive;
  if (levels.length === 0) {
    // A mistyped folder would else be read as a world of empty tiles, and a seed from it would call itself complete.
    await archive.close();
    throw new TilthError(
      "source.invalid",
      `expected an archive with tiles, got none in ${location}; is the path right?`,
    );
  }
  const info: SourceInfo = {
    id: location,
    kind,
    title: metadata.title === "" ? location : metadata.title,
    attribution: metadata.attribution,
    grid,
    minZoom: levels[0] ?? 0,
    maxZoom: levels.at(-1) ?? grid.maxZ,
    bounds: null,
    format: metadata.format,
    bulk: "allowed",
    termsUrl: null,
  };
  const fetchTile = async (tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> => {
    throwIfAborted(options.signal);
    const found = await archive.find(tile, { signal: options.signal });
    if (found === null || found.data === null) return { kind: "empty" };
    const { format } = inspectTile(found.data);
    // A copy, because a store's buffer may be a window of a page of tiles, or the store's own.
    return {
      kind: "tile",
      data: new Uint8Array(found.data),
      format,
      etag: found.etag,
      lastModified: found.lastModified,
    };
  };
  return { info, hosts: [], fetchTile, close: () => archive.close() };
}
