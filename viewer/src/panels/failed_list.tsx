import { useEffect, useState } from "preact/hooks";
import type { FailedRun, Job } from "../api/job_types.ts";
import type { App } from "../state/app.ts";

/** The tiles that failed, with the reasons, page by page. */
export function FailedList({ app, job }: { app: App; job: Job }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="failed" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Failed tiles</summary>
      {open &&
        (job.report === null ? (
          <p class="hint">They are listed when the run has ended.</p>
        ) : (
          <Pages key={job.endedAtMs} app={app} job={job} />
        ))}
    </details>
  );
}

function Pages({ app, job }: { app: App; job: Job }) {
  const [runs, setRuns] = useState<readonly FailedRun[]>([]);
  const [next, setNext] = useState<number | null>(0);
  const read = async (after: number): Promise<void> => {
    const page = await app.api.failedTiles(job.id, after);
    setRuns((before) => [...before, ...page.failed]);
    setNext(page.next);
  };
  useEffect(() => void app.attempt(() => read(0)), [job.id]);
  const show = ({ z, y, minX }: FailedRun): void => {
    const name = job.cache;
    if (name === null) return;
    void app.act(async () => {
      if (app.state.shown.value !== name) app.showCache(name);
      app.state.tile.value = await app.api.tile(name, { z, x: minX, y });
    });
  };
  return (
    <>
      <ul aria-label="Failed tiles">
        {runs.map((run) => (
          <li key={`${run.z}/${run.minX}/${run.y}`}>
            <button type="button" class="quiet" disabled={job.cache === null} onClick={() => show(run)}>
              {run.minX === run.maxX ? `${run.z}/${run.minX}/${run.y}` : `${run.z}/${run.minX}–${run.maxX}/${run.y}`}
            </button>
            <span>{run.message}</span>
          </li>
        ))}
      </ul>
      {next !== null && runs.length > 0 && (
        <button type="button" class="quiet" onClick={() => void app.attempt(() => read(next))}>
          More
        </button>
      )}
    </>
  );
}
