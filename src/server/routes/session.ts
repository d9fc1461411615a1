import { z } from "zod";
import { SESSION_MS } from "../access/sessions.ts";
import { requireOwnPage, SESSION_COOKIE, sessionOf } from "../access/access.ts";
import { errorBody } from "../api/shapes.ts";
import { TilthError } from "../../core/index.ts";
import type { ApiContext, ApiServer } from "../context.ts";

const roleShape = z.object({ role: z.enum(["reader", "operator"]) });

/** Signing in on the page: a browser sends no header with images and events, but a cookie. */
export function addSessionRoutes(app: ApiServer, { access }: ApiContext, perMinute: number): void {
  app.post(
    "/api/session",
    {
      // Guesses of one address.
      config: { need: "nothing", rateLimit: { max: perMinute, timeWindow: 60_000 } },
      schema: { body: z.strictObject({ token: z.string().max(1000) }), response: { 200: roleShape, 401: errorBody } },
    },
    async (request, reply) => {
      requireOwnPage(request);
      const role = access.tokens === null ? "operator" : access.tokens.roleOf(request.body.token);
      if (role === null) throw new TilthError("access.token", "expected a token of this server, got another text");
      const secure = request.protocol === "https" ? "; Secure" : "";
      const id = access.sessions.begin(role);
      reply.header(
        "set-cookie",
        `${SESSION_COOKIE}=${id}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${SESSION_MS / 1000}${secure}`,
      );
      return { role };
    },
  );
  app.delete(
    "/api/session",
    { config: { need: "nothing" }, schema: { response: { 204: z.null() } } },
    async (request, reply) => {
      requireOwnPage(request);
      access.sessions.end(sessionOf(request.headers.cookie) ?? "");
      reply.header("set-cookie", `${SESSION_COOKIE}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`);
      return reply.code(204).send(null);
    },
  );
}
