import { useEffect, useState } from "preact/hooks";
import type { Estimate, JobRequest } from "../api/job_types.ts";
import type { App } from "../state/app.ts";
import { formatBytes, formatCount, formatDuration } from "../text/format.ts";

/** Tiles are counted when no key was pressed for the first of these, and a sample is fetched after the second; ms. */
const COUNT_AFTER_MS = 120;
const SAMPLE_AFTER_MS = 1_200;

export interface EstimateState {
  value: Estimate | null;
  /** A sample is under way. */
  sampling: boolean;
  fault: string;
}

const NOTHING: EstimateState = { value: null, sampling: false, fault: "" };

/** What a request would cost: the count at once, bytes and time when its user rests. */
export function useEstimate(app: App, request: JobRequest | null): EstimateState {
  const [state, setState] = useState<EstimateState>(NOTHING);
  const key = request === null ? "" : JSON.stringify({ ...request, store: undefined });
  useEffect(() => {
    if (key === "") return setState(NOTHING);
    const asked = JSON.parse(key) as JobRequest;
    const controller = new AbortController();
    const { signal } = controller;
    const ask = async (sample: boolean): Promise<void> => {
      if (sample) setState((before) => ({ ...before, sampling: true }));
      try {
        const value = await app.api.estimate(asked, sample, signal);
        if (!signal.aborted) setState((before) => ({ value, sampling: !sample && before.sampling, fault: "" }));
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) setState((before) => ({ value: sample ? before.value : null, sampling: false, fault }));
      }
    };
    const timers = [
      setTimeout(() => void ask(false), COUNT_AFTER_MS),
      setTimeout(() => void ask(true), SAMPLE_AFTER_MS),
    ];
    return () => {
      timers.forEach(clearTimeout);
      controller.abort();
    };
  }, [app, key]);
  return state;
}

export function EstimateView({ estimate, problem }: { estimate: EstimateState; problem: string }) {
  const { value, sampling, fault } = estimate;
  return (
    <div class="estimate" role="status" aria-label="Estimate">
      {problem !== "" && <p class="hint">{problem}</p>}
      {fault !== "" && <p class="warn">{fault}</p>}
      {value !== null && problem === "" && (
        <>
          <p class="sum">
            <b>{formatCount(value.planned)}</b> tiles
            <span>{value.bytes === null ? pending(sampling) : ` · about ${formatBytes(value.bytes)}`}</span>
            {value.seconds !== null && <span>{` · about ${formatDuration(value.seconds * 1000)}`}</span>}
            {value.tilesPerSecond !== null && <span>{` at ${value.tilesPerSecond.toFixed(1)}/s`}</span>}
          </p>
          <Levels levels={value.levels} />
          {value.reason !== null && <p class="warn">{value.reason}</p>}
        </>
      )}
    </div>
  );
}

function pending(sampling: boolean): string {
  return sampling ? " · a sample is being fetched …" : "";
}

/** Tiles of each level as bars: each level has about four times as many as the one above, so a logarithm is drawn. */
function Levels({ levels }: { levels: Estimate["levels"] }) {
  const most = Math.max(1, ...levels.map(({ count }) => Math.log(count + 1)));
  return (
    <ul class="levels" aria-label="Tiles of each level">
      {levels.map(({ z, count }) => (
        <li key={z}>
          <span>{z}</span>
          <meter min="0" max={most} value={Math.log(count + 1)} aria-label={`Level ${z}`}>
            {count}
          </meter>
          <b>{formatCount(count)}</b>
        </li>
      ))}
    </ul>
  );
}
