import { z } from "zod";
import { failedShape, jobRequestBody, jobShape, jobState } from "../api/job_shapes.ts";
import { jobView } from "../api/job_view.ts";
import { requireAllowed } from "../api/estimate.ts";
import { readJobRequest } from "../api/read_job_request.ts";
import { errorBody } from "../api/shapes.ts";
import { cacheOfStore, requireJobs, type ApiContext, type ApiServer } from "../context.ts";
import type { JobView } from "../jobs/job.ts";
import { requestSignal } from "../request_signal.ts";

const id = z.object({ id: z.string().max(64) });
const listed = z.object({
  state: jobState.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(64).optional(),
});
const page = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.coerce.number().int().min(0).default(0),
});
const faults = { 400: errorBody, 404: errorBody, 409: errorBody };

const ACTIONS = { pause: "pause", resume: "resume", cancel: "cancel", retry: "retryFailed" } as const;

/** Jobs: asked for, listed, stopped and started. All of them need a data folder. */
export function addJobRoutes(app: ApiServer, context: ApiContext): void {
  const show = (job: JobView): z.infer<typeof jobShape> => jobView(job, (store) => cacheOfStore(context, store));
  app.post(
    "/api/jobs",
    { schema: { body: jobRequestBody, response: { 201: jobShape, 400: errorBody, 403: errorBody, 503: errorBody } } },
    async (request, reply) => {
      const { manager, workspace, maxTiles } = requireJobs(context);
      const wanted = readJobRequest(request.body, workspace);
      using deadline = requestSignal(request);
      await requireAllowed(workspace, wanted, { maxTiles, signal: deadline.signal });
      return reply.code(201).send(show(await manager.create(wanted)));
    },
  );
  app.get(
    "/api/jobs",
    { schema: { querystring: listed, response: { 200: z.object({ jobs: z.array(jobShape) }), ...faults } } },
    async ({ query }) => ({ jobs: requireJobs(context).manager.list(query).map(show) }),
  );
  app.get("/api/jobs/:id", { schema: { params: id, response: { 200: jobShape, ...faults } } }, async ({ params }) =>
    show(requireJobs(context).manager.get(params.id)),
  );
  for (const [word, action] of Object.entries(ACTIONS))
    app.post(
      `/api/jobs/:id/${word}`,
      { schema: { params: id, response: { 200: jobShape, ...faults } } },
      async ({ params }) => show(await requireJobs(context).manager[action](params.id)),
    );
  app.delete(
    "/api/jobs/:id",
    { schema: { params: id, response: { 204: z.null(), ...faults } } },
    async ({ params }, reply) => {
      await requireJobs(context).manager.remove(params.id);
      return reply.code(204).send(null);
    },
  );
  app.get(
    "/api/jobs/:id/failed",
    { schema: { params: id, querystring: page, response: { 200: failedShape, ...faults } } },
    async ({ params, query }) => {
      const { failed, next } = await requireJobs(context).manager.listFailed(params.id, query);
      return { failed: [...failed], next };
    },
  );
}
