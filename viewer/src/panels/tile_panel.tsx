import type { TilthMap } from "../map/tilth_map.ts";
import { inspect } from "../map/map_events.ts";
import type { TileInfo } from "../api/types.ts";
import type { App } from "../state/app.ts";
import { findCache } from "../state/app_state.ts";
import { STATE_NAMES } from "../state/coverage_cells.ts";
import { useSignal } from "../state/signal.ts";
import { formatBbox } from "../text/bbox.ts";
import { formatBytes, formatCount, formatDuration, formatTime } from "../text/format.ts";

/** What is known of one tile; arrows go to its neighbours. */
export function TilePanel({ app, map }: { app: App; map: TilthMap | null }) {
  const tile = useSignal(app.state.tile);
  const cache = findCache(app.state, useSignal(app.state.shown));
  const lookAtMiddle = async (): Promise<void> => {
    const centre = map?.map.getView().getCenter();
    if (map !== null && centre !== undefined) await inspect(app, map.map, map.projectionOf, centre);
  };
  const go = (x: number, y: number, z = tile?.z ?? 0): void => {
    if (cache !== null) void app.act(async () => (app.state.tile.value = await app.api.tile(cache.name, { z, x, y })));
  };
  return (
    <>
      {tile === null && <p class="hint">Click the map to look into a tile of the cache that is shown.</p>}
      <div class="row">
        <button type="button" disabled={map === null || cache === null} onClick={() => void app.act(lookAtMiddle)}>
          Middle tile
        </button>
        {tile !== null && <Neighbours tile={tile} app={app} go={go} />}
      </div>
      {tile !== null && <Facts tile={tile} />}
    </>
  );
}

function Neighbours({ tile, app, go }: { tile: TileInfo; app: App; go: (x: number, y: number, z?: number) => void }) {
  const { x, y, z } = tile;
  const level = findCache(app.state, app.state.shown.value)?.grid.levels.find((each) => each.z === z);
  const steps: [string, string, number, number, boolean][] = [
    ["←", "Tile to the west", x - 1, y, x > 0],
    ["→", "Tile to the east", x + 1, y, x + 1 < (level?.matrixWidth ?? 0)],
    ["↑", "Tile to the north", x, y - 1, y > 0],
    ["↓", "Tile to the south", x, y + 1, y + 1 < (level?.matrixHeight ?? 0)],
  ];
  return (
    <>
      {steps.map(([sign, name, toX, toY, is]) => (
        <button
          key={name}
          type="button"
          class="arrow"
          aria-label={name}
          title={name}
          disabled={!is}
          onClick={() => go(toX, toY)}
        >
          {sign}
        </button>
      ))}
      <button type="button" class="quiet" onClick={() => (app.state.tile.value = null)}>
        Close
      </button>
    </>
  );
}

/** Null where there are no bytes that could be counted. */
function sizeOf({ state, sizeBytes }: TileInfo): string | null {
  const has = state === "present" || (state === "stale" && sizeBytes > 0);
  return has ? `${formatBytes(sizeBytes)} (${formatCount(sizeBytes)} bytes)` : null;
}

function Facts({ tile }: { tile: TileInfo }) {
  const facts: [string, string | null][] = [
    ["Address", `${tile.z}/${tile.x}/${tile.y}`],
    ["State", STATE_NAMES[tile.state].name],
    ["Failure", tile.failure === null ? null : `${tile.failure.message} (${tile.failure.code})`],
    ["Size", sizeOf(tile)],
    ["Type", tile.mediaType],
    ["Age", tile.ageMs === null ? null : formatDuration(tile.ageMs)],
    ["Fetched", tile.fetchedAtMs === null ? null : formatTime(tile.fetchedAtMs)],
    ["Attempts", tile.attempts === null ? null : String(tile.attempts)],
    ["Source", tile.sourceId],
    ["Source URL", tile.sourceUrl],
    ["ETag", tile.etag],
    ["Last modified", tile.lastModified],
    ["SHA-256", tile.sha256],
    ["Bounds", formatBbox(tile.bounds)],
  ];
  return (
    <dl class="facts" aria-live="polite">
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
