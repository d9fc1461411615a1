import { BACKGROUND_ATTRIBUTION } from "../map/background_layer.ts";
import type { App } from "../state/app.ts";
import { findCache, findCompared } from "../state/app_state.ts";
import { useSignal } from "../state/signal.ts";
import { formatCoordinate } from "../text/format.ts";

/** Coordinates of the pointer or the map's middle, and who is to be thanked: always to be seen. */
export function StatusBar({ app }: { app: App }) {
  const { state } = app;
  const place = useSignal(state.place);
  const crs = useSignal(state.crs);
  useSignal(state.caches);
  const shown = findCache(state, useSignal(state.shown));
  useSignal(state.compared);
  const visible = useSignal(state.visible);
  const thanks = [shown, findCompared(state)].flatMap((cache) => cache?.attribution || []);
  if (visible.background) thanks.push(BACKGROUND_ATTRIBUTION);
  return (
    <footer class="bar">
      {place !== null && crs !== null && (
        <p class="place">
          <span title="Longitude, latitude">{formatCoordinate(place.lonLat, "degree")}</span>
          {crs.kind === "projected" && (
            <span title={`East, north in ${crs.code}`}>{`${crs.code} ${formatCoordinate(place.xy, "metre")}`}</span>
          )}
        </p>
      )}
      <p class="attribution">{[...new Set(thanks)].join(" · ")}</p>
    </footer>
  );
}
