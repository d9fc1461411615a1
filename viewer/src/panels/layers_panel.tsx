import { extentOn } from "../map/view.ts";
import type { TilthMap } from "../map/tilth_map.ts";
import type { App } from "../state/app.ts";
import { findCache } from "../state/app_state.ts";
import { useSignal } from "../state/signal.ts";
import { CompareField } from "./compare_field.tsx";
import { CoverageControls } from "./coverage_controls.tsx";
import { CrsSwitch } from "./crs_switch.tsx";

const SWITCHES = [
  ["background", "Background"],
  ["cache", "Tiles"],
  ["coverage", "Coverage"],
  ["area", "Area and tile"],
] as const;

/** Which cache is shown, with what above and below it, and in which CRS. */
export function LayersPanel({ app, map }: { app: App; map: TilthMap | null }) {
  const { state } = app;
  const caches = useSignal(state.caches);
  const shown = useSignal(state.shown);
  const visible = useSignal(state.visible);
  const cache = findCache(state, shown);
  if (caches.length === 0)
    return <p class="hint">There is no cache here yet. Start a job: what it fetches shows on the map.</p>;
  return (
    <>
      <div class="row">
        <label class="grow">
          Cache
          <select value={shown ?? ""} onChange={(event) => app.showCache(event.currentTarget.value)}>
            {caches.map(({ name, title }) => (
              <option key={name} value={name}>
                {title === "" || title === name ? name : `${title} (${name})`}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={cache === null || map === null}
          onClick={() => cache !== null && map?.zoomTo(extentOn(cache, map.map.getView().getProjection()))}
        >
          Zoom to
        </button>
      </div>
      {cache !== null && (
        <p class="hint">
          {`${cache.grid.title || cache.grid.id} · levels ${cache.minZoom}–${cache.maxZoom}`}
          {cache.format !== null && ` · ${cache.format}`}
          {cache.live && " · fetches what is missing"}
        </p>
      )}
      <fieldset class="switches">
        <legend>Show</legend>
        {SWITCHES.map(([key, name]) => (
          <label key={key}>
            <input
              type="checkbox"
              checked={visible[key]}
              onChange={() => (state.visible.value = { ...visible, [key]: !visible[key] })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <CoverageControls app={app} />
      <CompareField app={app} />
      <CrsSwitch app={app} />
    </>
  );
}
