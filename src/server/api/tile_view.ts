import type { z } from "zod";
import { tileUrlOf } from "../../config/index.ts";
import { TilthError, type Clock } from "../../core/index.ts";
import { tileToText, type TileCoord, type TileMatrixSet } from "../../grid/index.ts";
import type { StoredTile } from "../../cache/index.ts";
import type { FailedRun } from "../../seed/index.ts";
import { mediaTypeOf } from "../media_types.ts";
import type { ServedCache } from "../served_cache.ts";
import type { tileInfoShape } from "./shapes.ts";

type TileInfo = z.infer<typeof tileInfoShape>;

/** Everything that is known of one tile, also of one that is not there. @throws `grid.level` outside of the grid */
export async function readTileInfo(
  { cache }: ServedCache,
  tile: TileCoord,
  failed: readonly FailedRun[],
  clock: Clock,
): Promise<TileInfo> {
  const { store, source, staleBeforeMs } = cache;
  const { grid } = store;
  if (!grid.hasTile(tile))
    throw new TilthError(
      "grid.level",
      `the tile ${tileToText(tile)} lies outside of the grid ${grid.id}; see /api/caches for the columns and rows of its levels`,
    );
  const stored = await store.find(tile);
  const sourceId = stored?.sourceId ?? source?.info.id ?? store.metadata.sourceId;
  const failure = stored === null ? findFailure(tile, failed) : null;
  const place = {
    ...tile,
    bounds: lonLatBounds(grid, tile),
    sourceId,
    sourceUrl: tileUrlOf(sourceId, grid, tile),
    failure,
  };
  if (stored === null) return { ...place, state: failure === null ? "missing" : "failed", ...UNKNOWN };
  return { ...place, state: stateOf(stored, staleBeforeMs), ...detailsOf(stored, clock) };
}

const UNKNOWN = {
  sizeBytes: 0,
  mediaType: null,
  fetchedAtMs: null,
  ageMs: null,
  etag: null,
  lastModified: null,
  sha256: null,
  attempts: null,
};

function stateOf({ status, fetchedAtMs }: StoredTile, staleBeforeMs = -Infinity): TileInfo["state"] {
  return fetchedAtMs < staleBeforeMs ? "stale" : status;
}

function detailsOf({ data, sizeBytes, fetchedAtMs, etag, lastModified, sha256, attempts }: StoredTile, clock: Clock) {
  // 0: nobody wrote down when.
  const dated = fetchedAtMs > 0;
  return {
    sizeBytes,
    mediaType: data === null ? null : mediaTypeOf(data),
    fetchedAtMs: dated ? fetchedAtMs : null,
    ageMs: dated ? Math.max(0, clock.now() - fetchedAtMs) : null,
    etag,
    lastModified,
    sha256,
    attempts,
  };
}

function findFailure({ z, x, y }: TileCoord, failed: readonly FailedRun[]): TileInfo["failure"] {
  const run = failed.find((one) => one.z === z && one.y === y && one.minX <= x && x <= one.maxX);
  return run === undefined ? null : { code: run.code, message: run.message };
}

/** Of its four corners; where one has no image, the CRS's area of use. */
function lonLatBounds(grid: TileMatrixSet, tile: TileCoord): TileInfo["bounds"] {
  const [minX, minY, maxX, maxY] = grid.tileToBbox(tile);
  const corners = [
    [minX, minY],
    [minX, maxY],
    [maxX, minY],
    [maxX, maxY],
  ].map(([x = 0, y = 0]) => grid.crs.toLonLat(x, y));
  const [lons, lats] = [corners.map(([lon]) => lon), corners.map(([, lat]) => lat)];
  const box: TileInfo["bounds"] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const [west, south, east, north] = grid.crs.areaOfUse;
  return box.every(Number.isFinite) ? box : [west, south, east, north];
}
