import { z } from "zod";
import { seedDetailShape, seedShape } from "../api/seed_shapes.ts";
import { seedDetailView, seedView } from "../api/seed_view.ts";
import { errorBody } from "../api/shapes.ts";
import { requireCluster, type ApiContext, type ApiServer } from "../context.ts";

const id = z.object({ id: z.string().max(64) });
const listed = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
const faults = { 400: errorBody, 404: errorBody, 409: errorBody, 503: errorBody };

const STATES = { pause: "paused", resume: "running", cancel: "cancelled" } as const;

/** How old a list may be, ms: any number of pages that watch cost one reading a second. */
const LIST_AGE_MS = 1_000;

/** The seeds of a cluster: looked at and steered; submitted they are by `tilth seed --cluster`. */
export function addClusterRoutes(app: ApiServer, context: ApiContext): void {
  app.get(
    "/api/cluster/seeds",
    { schema: { querystring: listed, response: { 200: z.object({ seeds: z.array(seedShape) }), ...faults } } },
    async ({ query: { limit } }) => {
      const seeds = await requireCluster(context).list(LIST_AGE_MS);
      return { seeds: seeds.slice(0, limit).map(seedView) };
    },
  );
  const schema = { params: id, response: { 200: seedDetailShape, ...faults } };
  app.get("/api/cluster/seeds/:id", { schema }, async ({ params }) =>
    seedDetailView(await requireCluster(context).show(params.id)),
  );
  for (const [word, state] of Object.entries(STATES))
    app.post(`/api/cluster/seeds/:id/${word}`, { schema }, async ({ params }) =>
      seedDetailView(await requireCluster(context).setState(params.id, state)),
    );
  app.post("/api/cluster/seeds/:id/retry", { schema }, async ({ params }) =>
    seedDetailView(await requireCluster(context).retry(params.id)),
  );
}
