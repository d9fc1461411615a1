import { z } from "zod";
import { readActivity } from "../../concurrency/index.ts";
import { getCrs, listCrs } from "../../crs/index.ts";
import { listKnownGrids } from "../../grid/index.ts";
import { crsView } from "../api/cache_view.ts";
import { hostView } from "../api/host_view.ts";
import { crsShape, errorBody, hostShape, sourceShape, statusShape } from "../api/shapes.ts";
import type { ApiContext, ApiServer } from "../context.ts";
import { LagMeter } from "../metrics/lag_meter.ts";

const crsName = z.object({ code: z.string(), name: z.string(), kind: z.enum(["projected", "geographic"]) });
const gridName = z.object({ id: z.string(), title: z.string(), crs: z.string() });
const search = z.object({
  query: z.string().max(100).default(""),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});

/** What the page asks for once: the server itself, sources, grids, coordinate systems; and hosts, again and again. */
export function addStatusRoutes(app: ApiServer, context: ApiContext): void {
  addStatusRoute(app, context);
  app.get("/api/sources", { schema: { response: { 200: z.object({ sources: z.array(sourceShape) }) } } }, async () => ({
    sources: context.workspace?.listSources() ?? [],
  }));
  app.get("/api/hosts", { schema: { response: { 200: z.object({ hosts: z.array(hostShape) }) } } }, async () => ({
    hosts: (context.workspace?.listHosts() ?? []).map(hostView),
  }));
  app.get("/api/grids", { schema: { response: { 200: z.object({ grids: z.array(gridName) }) } } }, async () => ({
    grids: listKnownGrids().map(({ id, title, crs }) => ({ id, title, crs })),
  }));
  addCrsRoutes(app);
}

function addCrsRoutes(app: ApiServer): void {
  app.get(
    "/api/crs",
    { schema: { querystring: search, response: { 200: z.object({ systems: z.array(crsName) }), 400: errorBody } } },
    async ({ query: { query, limit } }) => {
      const words = query.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (text: string): boolean => words.every((word) => text.includes(word));
      const systems = listCrs().filter(({ code, name }) => fits(`${code} ${name}`.toLowerCase()));
      return { systems: systems.slice(0, limit) };
    },
  );
  app.get(
    "/api/crs/:code",
    { schema: { params: z.object({ code: z.string().max(40) }), response: { 200: crsShape, 400: errorBody } } },
    async ({ params: { code } }) => crsView(getCrs(code)),
  );
}

function addStatusRoute(app: ApiServer, { access, jobs, cluster, clock, version, meter }: ApiContext): void {
  const startedMs = clock.monotonicMs();
  const lag = new LagMeter();
  lag.start();
  app.addHook("onClose", async () => lag.stop());
  app.get("/api/status", { schema: { response: { 200: statusShape } } }, async (request) => {
    const { threads, tasks, queue } = readActivity();
    return {
      version,
      role: access.roleOf(request) ?? "reader",
      authenticated: access.tokens !== null,
      jobs: jobs !== null,
      cluster: cluster !== null,
      uptimeS: (clock.monotonicMs() - startedMs) / 1000,
      maxTilesPerJob: jobs?.maxTiles ?? 0,
      memoryBytes: process.memoryUsage.rss(),
      eventLoopLagMs: lag.lagMs,
      threads,
      tasks,
      queue,
      served: meter.readSummary(),
    };
  });
}
