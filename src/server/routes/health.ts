import type { FastifyInstance } from "fastify";
import type { CacheRegistry } from "../served_cache.ts";

/** `/health`: the process answers. `/ready`: it has something to serve; 503 before. */
export function addHealthRoutes(app: FastifyInstance, registry: CacheRegistry): void {
  app.get("/health", { config: { need: "nothing" } }, async () => ({ status: "ok" }));
  app.get("/ready", { config: { need: "nothing" } }, async (_request, reply) => {
    const caches = registry.list().map(({ name }) => name);
    return reply.code(caches.length > 0 ? 200 : 503).send({ status: caches.length > 0 ? "ready" : "empty", caches });
  });
}
