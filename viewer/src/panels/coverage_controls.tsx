import { useEffect, useRef } from "preact/hooks";
import { fillState, strokeState } from "../map/coverage_style.ts";
import type { App } from "../state/app.ts";
import { findCache } from "../state/app_state.ts";
import { CELL_STATES, STATE_NAMES, sumCoverage, type CellState } from "../state/coverage_cells.ts";
import { useSignal } from "../state/signal.ts";
import { formatCount } from "../text/format.ts";

/** Level of the overlay, what its looks mean, and how many tiles of each there are in view. */
export function CoverageControls({ app }: { app: App }) {
  const { state } = app;
  const zoom = useSignal(state.coverageZoom);
  const coverage = useSignal(state.coverage);
  const note = useSignal(state.coverageNote);
  const visible = useSignal(state.visible);
  const cache = findCache(state, useSignal(state.shown));
  if (!visible.coverage || cache === null) return null;
  const levels = cache.grid.levels.filter(({ z }) => z >= cache.minZoom && z <= cache.maxZoom);
  return (
    <div class="coverage">
      <label>
        Coverage of level
        <select
          value={String(zoom)}
          onChange={({ currentTarget: { value } }) =>
            (state.coverageZoom.value = value === "auto" ? "auto" : Number(value))
          }
        >
          <option value="auto">{`as shown${zoom === "auto" && coverage !== null ? ` (${coverage.z})` : ""}`}</option>
          {levels.map(({ z }) => (
            <option key={z} value={String(z)}>
              {z}
            </option>
          ))}
        </select>
      </label>
      {note !== "" && <p class="hint">{note}</p>}
      <Legend app={app} />
      {coverage !== null && coverage.step > 1 && (
        <p class="hint">{`A cell stands for ${coverage.step} × ${coverage.step} tiles; zoom in for single ones.`}</p>
      )}
    </div>
  );
}

/** Counts are of tiles, so the half-filled cells have none of their own. */
function Legend({ app }: { app: App }) {
  const coverage = useSignal(app.state.coverage);
  const totals = coverage === null ? null : sumCoverage(coverage);
  return (
    <ul class="legend" aria-label="Legend of the coverage, with the tiles in view">
      {CELL_STATES.map((state) => (
        <li key={state} data-state={state} title={STATE_NAMES[state].meaning}>
          <Swatch state={state} />
          <span class="grow">{STATE_NAMES[state].name}</span>
          {state !== "partial" && <b>{totals === null ? "–" : formatCount(totals[state])}</b>}
        </li>
      ))}
    </ul>
  );
}

const WIDTH_PX = 26;
const HEIGHT_PX = 18;

function Swatch({ state }: { state: CellState }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (canvas === null || context === null || context === undefined) return;
    canvas.width = WIDTH_PX * devicePixelRatio;
    canvas.height = HEIGHT_PX * devicePixelRatio;
    context.scale(devicePixelRatio, devicePixelRatio);
    context.rect(0.5, 0.5, WIDTH_PX - 1, HEIGHT_PX - 1);
    fillState(context, state, devicePixelRatio);
    strokeState(context, state);
  }, [state]);
  return (
    <span class="swatch" aria-hidden="true">
      <canvas ref={ref} />
      <i>{STATE_NAMES[state].letter}</i>
    </span>
  );
}
