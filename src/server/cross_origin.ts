import type { FastifyInstance } from "fastify";
import { isOwnAddress, isOwnRoute } from "./own_routes.ts";

/** Seconds for which a browser does not ask again whether it may ask. */
const PREFLIGHT_MAX_AGE_S = 86_400;

/**
 * Maps on pages of others may draw these tiles and read these documents (Fetch standard, CORS protocol). With a token they must bring it in a
 * header: no cookie is sent along with `*`.
 */
export function allowOtherOrigins(app: FastifyInstance): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply
      .header("access-control-allow-origin", "*")
      .header("access-control-expose-headers", "etag")
      .header("cross-origin-resource-policy", "cross-origin");
  });
}

/** Refusals that come before a route is reached (no token, too many requests) as well: without the header a browser tells its page nothing of them. */
export function tellOtherOriginsWhy(app: FastifyInstance): void {
  app.addHook("onError", async (request, reply) => {
    if (!isOwnRoute(request)) reply.header("access-control-allow-origin", "*");
  });
}

/** Answers whether a page of another origin may ask for anything but `/api` and `/metrics`. */
export function addPreflightRoute(app: FastifyInstance): void {
  app.options("/*", { config: { need: "nothing" }, schema: { hide: true } }, async (request, reply) => {
    if (isOwnAddress(request.url)) return reply.code(204).send();
    return reply
      .code(204)
      .header("access-control-allow-origin", "*")
      .header("access-control-allow-methods", "GET, HEAD")
      .header("access-control-allow-headers", "authorization, if-none-match, if-modified-since")
      .header("access-control-max-age", String(PREFLIGHT_MAX_AGE_S))
      .send();
  });
}
