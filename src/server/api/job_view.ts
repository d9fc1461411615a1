import type { z } from "zod";
import type { JobView } from "../jobs/job.ts";
import { actionsOf } from "../jobs/job_states.ts";
import type { jobShape } from "./job_shapes.ts";

/** A job as it is told over HTTP. @param cacheOf name of the cache that shows the tiles of a store */
export function jobView(job: JobView, cacheOf: (store: string) => string | null): z.infer<typeof jobShape> {
  const { request, progress, report } = job;
  return {
    ...job,
    request: { ...request, zooms: [...request.zooms] },
    cache: cacheOf(request.store),
    actions: actionsOf(job.state).map((action) => (action === "retryFailed" ? "retry" : action)),
    progress: progress === null ? null : { ...progress, hosts: progress.hosts.map((host) => ({ ...host })) },
    report: report === null ? null : { ...report },
  };
}
