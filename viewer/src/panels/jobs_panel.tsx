import type { Job, JobAction } from "../api/job_types.ts";
import type { App } from "../state/app.ts";
import { isOperator } from "../state/app_state.ts";
import { requestAgain } from "../state/job_again.ts";
import { outcomesOf, putJob, shareDone } from "../state/job_list.ts";
import { useSignal } from "../state/signal.ts";
import { formatBytes, formatCount, formatDuration, formatShare, formatTime } from "../text/format.ts";
import { formatZooms } from "../text/zooms.ts";
import { FailedList } from "./failed_list.tsx";
import { ProgressBar } from "./progress_bar.tsx";

const ACTIONS: Record<JobAction, string> = {
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Retry failed",
  remove: "Remove",
};

export function JobsPanel({ app }: { app: App }) {
  const jobs = useSignal(app.state.jobs);
  if (jobs.length === 0) return <p class="hint">No jobs yet.</p>;
  return (
    <ul class="jobs" aria-label="Jobs">
      {jobs.map((job) => (
        <JobCard key={job.id} app={app} job={job} />
      ))}
    </ul>
  );
}

function JobCard({ app, job }: { app: App; job: Job }) {
  const { request, state, error } = job;
  const outcomes = outcomesOf(job);
  const name = request.store ?? job.id;
  return (
    <li class="job" data-state={state} aria-label={`Job ${name}`}>
      <p class="row">
        <b class="grow clip" title={request.source}>{`${name} ← ${request.source}`}</b>
        <span class="badge" data-state={state}>
          {state}
        </span>
      </p>
      <p class="hint">{`levels ${formatZooms(request.zooms)} · ${formatTime(job.createdAtMs)}`}</p>
      <ProgressBar outcomes={outcomes} share={shareDone(job)} />
      <Numbers job={job} />
      {error !== null && (
        <p class="warn" role="alert">
          {error.message}
        </p>
      )}
      <Actions app={app} job={job} name={name} />
      {outcomes.failed > 0 && <FailedList app={app} job={job} />}
    </li>
  );
}

/** Rate and time to go while it runs, what became of the tiles always. */
function Numbers({ job }: { job: Job }) {
  const { progress } = job;
  const outcomes = outcomesOf(job);
  const share = shareDone(job);
  const parts = (["stored", "present", "empty", "failed", "rejected", "cancelled"] as const).filter(
    (kind) => outcomes[kind] > 0,
  );
  return (
    <div class="numbers">
      <p>
        {share === null ? "counting …" : `${formatShare(share)} of ${formatCount(outcomes.planned)}`}
        {outcomes.bytes > 0 && ` · ${formatBytes(outcomes.bytes)}`}
        {progress !== null && ` · ${progress.tilesPerSecond.toFixed(1)}/s`}
        {progress !== null && progress.etaMs !== null && ` · ${formatDuration(progress.etaMs)} to go`}
      </p>
      <p class="outcomes">
        {parts.map((kind) => (
          <span key={kind} data-outcome={kind}>
            {`${kind} ${formatCount(outcomes[kind])}`}
          </span>
        ))}
      </p>
    </div>
  );
}

function Actions({ app, job, name }: { app: App; job: Job; name: string }) {
  const operator = isOperator(useSignal(app.state.status));
  const caches = useSignal(app.state.caches);
  const shown = useSignal(app.state.shown);
  const act = async (action: JobAction): Promise<void> => {
    const { api, jobFeed } = app;
    if (action === "remove")
      await jobFeed.ask(
        () => api.removeJob(job.id),
        (jobs) => jobs.filter(({ id }) => id !== job.id),
      );
    else await jobFeed.ask(() => api.actOnJob(job.id, action), putJob);
  };
  const again = async (): Promise<void> => app.startJob(requestAgain(job));
  const canShow = job.cache !== null && job.cache !== shown && caches.some((cache) => cache.name === job.cache);
  return (
    <p class="row wrap">
      {canShow && (
        <button type="button" aria-label={`Show ${name} on the map`} onClick={() => app.showCache(job.cache)}>
          Show
        </button>
      )}
      {operator &&
        job.actions.map((action) => (
          <button
            key={action}
            type="button"
            aria-label={`${ACTIONS[action]}: ${name}`}
            onClick={() => void app.act(() => act(action))}
          >
            {ACTIONS[action]}
          </button>
        ))}
      {operator && job.actions.includes("remove") && (
        <button type="button" aria-label={`Start again: ${name}`} onClick={() => void app.act(again)}>
          Start again
        </button>
      )}
    </p>
  );
}
