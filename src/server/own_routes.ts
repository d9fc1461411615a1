import type { FastifyRequest } from "fastify";

/** What only the page of this server may see: `/api` and `/metrics`. */
const OWN = /^\/(?:api|metrics)(?:\/|$)/;

/**
 * Whether a request has reached a route of the API or the metrics. By the route that was found, not by what the client wrote: `/%61pi/jobs` is
 * `/api/jobs` as well.
 */
export function isOwnRoute(request: FastifyRequest): boolean {
  return !request.is404 && OWN.test(request.routeOptions.url ?? "");
}

/** The same for an address that has no route of its own for this method; one that cannot be read counts as the server's own. */
export function isOwnAddress(url: string): boolean {
  const [path = ""] = url.split("?");
  try {
    return OWN.test(decodeURIComponent(path));
  } catch {
    return true;
  }
}
