import { useEffect, useState } from "preact/hooks";
import type { JobRequest } from "../api/job_types.ts";
import type { GridName, Source } from "../api/types.ts";
import type { TilthMap } from "../map/tilth_map.ts";
import type { App } from "../state/app.ts";
import { EMPTY_FORM, proposeStore, readForm, type JobForm } from "../state/job_form.ts";
import { useSignal } from "../state/signal.ts";
import { AreaField } from "./area_field.tsx";
import { EstimateView, useEstimate } from "./estimate.tsx";
import { JobOptions } from "./job_options.tsx";
import { SourceField } from "./source_field.tsx";

/** What is to be fetched, what it costs, and the button that starts it. */
export function NewJobPanel({ app, map }: { app: App; map: TilthMap | null }) {
  const { sources, grids } = useLists(app);
  const [form, setForm] = useState<JobForm>(EMPTY_FORM);
  const [starting, setStarting] = useState(false);
  const area = useSignal(app.state.area);
  const set = (part: Partial<JobForm>): void => setForm((before) => ({ ...before, ...part }));
  const { request, problem } = readSafely(() => readForm(form, area));
  const estimate = useEstimate(app, request);
  // A live cache takes its own tiles; whatever else goes into a file.
  const fillsCache = sources.some(({ name, kind }) => name === form.source && kind === "cache");
  const proposed = fillsCache ? undefined : proposeStore(form.source === "" ? form.url : form.source);
  const start = async (): Promise<void> => {
    if (request === null) return;
    setStarting(true);
    await app.startJob({ ...request, store: request.store ?? proposed }).finally(() => setStarting(false));
  };
  return (
    <form
      aria-label="New job"
      onSubmit={(event) => {
        event.preventDefault();
        void app.act(start);
      }}
    >
      <SourceField form={form} sources={sources} set={set} />
      <AreaField app={app} map={map} />
      <div class="row">
        <label class="grow">
          Zooms
          <input
            value={form.zooms}
            inputMode="numeric"
            placeholder="0-12"
            onInput={(event) => set({ zooms: event.currentTarget.value })}
          />
        </label>
        <label class="grow">
          File
          <input
            value={form.store}
            placeholder={proposed ?? "the cache itself"}
            spellcheck={false}
            onInput={(event) => set({ store: event.currentTarget.value })}
          />
        </label>
      </div>
      <label>
        Grid
        <select value={form.grid} onChange={(event) => set({ grid: event.currentTarget.value })}>
          <option value="">the source’s own</option>
          {grids.map(({ id, title, crs }) => (
            <option key={id} value={id}>
              {title === "" || title === id ? `${id} (${crs})` : `${title} (${crs})`}
            </option>
          ))}
        </select>
      </label>
      <JobOptions form={form} set={set} />
      <EstimateView estimate={estimate} problem={problem} />
      <button type="submit" class="main" disabled={request === null || starting || estimate.value?.allowed === false}>
        {starting ? "Starting …" : "Start"}
      </button>
    </form>
  );
}

function useLists(app: App): { sources: readonly Source[]; grids: readonly GridName[] } {
  const [sources, setSources] = useState<readonly Source[]>([]);
  const [grids, setGrids] = useState<readonly GridName[]>([]);
  const caches = useSignal(app.state.caches);
  useEffect(() => void app.attempt(async () => setSources(await app.api.sources())), [app, caches]);
  useEffect(() => void app.attempt(async () => setGrids(await app.api.grids())), [app]);
  return { sources, grids };
}

function readSafely(read: () => JobRequest): { request: JobRequest | null; problem: string } {
  try {
    return { request: read(), problem: "" };
  } catch (error) {
    return { request: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
