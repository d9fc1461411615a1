import { Semaphore } from "../../concurrency/index.ts";
import { estimateJob } from "../api/estimate.ts";
import { estimateBody, estimateShape } from "../api/job_shapes.ts";
import { readJobRequest } from "../api/read_job_request.ts";
import { errorBody } from "../api/shapes.ts";
import { requireJobs, type ApiContext, type ApiServer } from "../context.ts";
import { requestSignal } from "../request_signal.ts";

/** Estimates at once; others wait their turn. */
const MAX_ESTIMATES = 2;

/** Nothing is written: whatever the file will be called. */
const ANY_STORE = "estimate.gpkg";

/** What a job would cost: an exact count at once, and on request bytes and time from a dozen tiles. */
export function addEstimateRoute(app: ApiServer, context: ApiContext): void {
  const turns = new Semaphore(MAX_ESTIMATES);
  app.post(
    "/api/estimate",
    { schema: { body: estimateBody, response: { 200: estimateShape, 400: errorBody, 403: errorBody } } },
    async (request) => {
      const { workspace, maxTiles } = requireJobs(context);
      const { sample, ...body } = request.body;
      const wanted = readJobRequest({ ...body, store: body.store ?? ANY_STORE }, workspace);
      using deadline = requestSignal(request);
      const release = await turns.acquire(deadline);
      try {
        return await estimateJob(workspace, wanted, { sample, maxTiles, signal: deadline.signal });
      } finally {
        release();
      }
    },
  );
}
