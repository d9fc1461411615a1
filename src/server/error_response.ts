import type { FastifyReply, FastifyRequest } from "fastify";
import { isTilthError, type Logger, type TilthError } from "../core/index.ts";
import { describeRequestFault } from "./request_fault.ts";

const NOT_FOUND: ReadonlySet<string> = new Set([
  "tile.missing",
  "cache.missing",
  "job.missing",
  "grid.level",
  "store.missing",
  "cluster.unknownSeed",
]);
const BAD_REQUEST = /^(?:argument|bbox|coverage|crs|grid|request\.invalid|source\.invalid|source\.exception)/;
const CONFLICT: ReadonlySet<string> = new Set([
  "job.state",
  "cluster.state",
  "store.locked",
  "store.mismatch",
  "store.readOnly",
]);

const FORBIDDEN: ReadonlySet<string> = new Set(["source.policy", "http.forbidden", "access.role", "access.origin"]);

const UNAVAILABLE: ReadonlySet<string> = new Set([
  "cancelled",
  "http.breakerOpen",
  "job.tooMany",
  "postgres.unreachable",
  "postgres.denied",
  "postgres.conflict",
]);

/** HTTP status of an error; 500 for whatever is nobody's fault but ours. */
export function statusOf(error: TilthError): number {
  const { code } = error;
  if (NOT_FOUND.has(code)) return 404;
  if (BAD_REQUEST.test(code)) return 400;
  if (code === "access.token") return 401;
  if (code === "request.tooMany") return 429;
  if (FORBIDDEN.has(code)) return 403;
  if (CONFLICT.has(code)) return 409;
  if (code === "store.full") return 507;
  if (code === "timeout" || code === "http.timeout" || code === "http.slow") return 504;
  if (UNAVAILABLE.has(code)) return 503;
  // What comes from a source that misbehaves.
  return code.startsWith("http.") || code.startsWith("tile.") ? 502 : 500;
}

/** Every error of the server has this body. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

/** Turns whatever was thrown into a status and an `ErrorBody`; what is not foreseen is logged and told without its text. */
export function makeErrorHandler(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (isTilthError(error)) {
      const status = statusOf(error);
      if (status >= 500) logger.warn("Request:Failed", { route: request.routeOptions.url, code: error.code, status });
      return reply.code(status).send({ error: { code: error.code, message: error.message } });
    }
    const fault = describeRequestFault(error);
    if (fault !== null) return reply.code(fault.status).send({ error: { code: fault.code, message: fault.message } });
    logger.error("Request:Broken", { route: request.routeOptions.url, error });
    return reply.code(500).send({ error: { code: "internal", message: "a mistake of Tilth's own; see its log" } });
  };
}
