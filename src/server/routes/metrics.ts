import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { makeRegistry } from "../metrics/registry.ts";
import type { RequestMeter } from "../metrics/request_meter.ts";

/** `/metrics` in Prometheus' text format. */
export function addMetricsRoute(app: FastifyInstance, context: ApiContext, meter: RequestMeter): void {
  const registry = makeRegistry(context, meter);
  app.get(
    "/metrics",
    { schema: { summary: "What the server does, in Prometheus' text format", tags: ["metrics"] } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
}
