import { useEffect, useRef, useState } from "preact/hooks";
import type { FailedRun, Job } from "../api/job_types.ts";
import type { App } from "../state/app.ts";
import { isUnderWay } from "../state/job_list.ts";

/** The tiles that failed, with the reasons, page by page; of a run under way those so far. */
export function FailedList({ app, job }: { app: App; job: Job }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="failed" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Failed tiles</summary>
      {open && <Pages key={`${job.startedAtMs} ${job.endedAtMs}`} app={app} job={job} />}
    </details>
  );
}

interface Page {
  /** Where in the list it begins. */
  after: number;
  runs: readonly FailedRun[];
  next: number | null;
}

/** Between two looks at what has failed since, while the job runs, ms. */
const EVERY_MS = 2_000;

/** The pages that were asked for. The last one is read again and again while the list grows. */
function usePages(app: App, job: Job): { pages: readonly Page[]; readMore: () => void } {
  const [pages, setPages] = useState<readonly Page[]>([]);
  const last = useRef<Page | null>(null);
  last.current = pages.at(-1) ?? null;
  const gone = useRef(false);
  const read = async (after: number): Promise<void> => {
    const { failed, next } = await app.api.failedTiles(job.id, after);
    const others = (before: readonly Page[]): Page[] => before.filter((page) => page.after !== after);
    setPages((before) => [...others(before), { after, runs: failed, next }].toSorted((a, b) => a.after - b.after));
  };
  // Of a list that another has taken the place of meanwhile nothing is to be told.
  const readSafely = (after: number): void => void read(after).catch((error) => gone.current || app.tell(error));
  const underWay = isUnderWay(job);
  useEffect(() => {
    gone.current = false;
    const readLast = (): void => readSafely(last.current?.after ?? 0);
    readLast();
    const timer = underWay ? setInterval(readLast, EVERY_MS) : undefined;
    return () => {
      gone.current = true;
      clearInterval(timer);
    };
  }, [job.id, underWay]);
  return { pages, readMore: () => readSafely(last.current?.next ?? 0) };
}

function Pages({ app, job }: { app: App; job: Job }) {
  const { pages, readMore } = usePages(app, job);
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
        {pages
          .flatMap(({ runs }) => runs)
          .map((run) => (
            <li key={`${run.z}/${run.minX}/${run.y}`}>
              <button type="button" class="quiet" disabled={job.cache === null} onClick={() => show(run)}>
                {run.minX === run.maxX ? `${run.z}/${run.minX}/${run.y}` : `${run.z}/${run.minX}–${run.maxX}/${run.y}`}
              </button>
              <span>{run.message}</span>
            </li>
          ))}
      </ul>
      {typeof pages.at(-1)?.next === "number" && (
        <button type="button" class="quiet" onClick={readMore}>
          More
        </button>
      )}
    </>
  );
}
