import type { FastifyRequest } from "fastify";

/** A host name or address with a port, as it may stand in a document. */
const HOST = /^(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Where the client found this server, without a slash at the end. What is no host name is not repeated to anybody. */
export function baseUrlOf(request: FastifyRequest): string {
  const { host } = request;
  return `${request.protocol}://${HOST.test(host) ? host : "localhost"}`;
}
