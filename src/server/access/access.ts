import type { FastifyInstance, FastifyRequest } from "fastify";
import { TilthError } from "../../core/index.ts";
import { isOwnRoute } from "../own_routes.ts";
import { Sessions } from "./sessions.ts";
import type { TokenTries } from "./token_tries.ts";
import type { Role, Tokens } from "./tokens.ts";

/** What a route asks of who calls it. */
export type Need = "nothing" | Role;

declare module "fastify" {
  interface FastifyContextConfig {
    /** @default "reader" for GET and HEAD, "operator" for what changes something */
    need?: Need;
  }
}

export const SESSION_COOKIE = "tilth_session";

/** Names by which a machine calls itself. */
const OWN_NAME = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/i;

/** Who may do what. Without tokens everybody who reaches the server (this machine's own users) is an operator. */
export class Access {
  readonly sessions = new Sessions();
  readonly tokens: Tokens | null;
  readonly #tries: TokenTries;

  constructor(tokens: Tokens | null, tries: TokenTries) {
    this.tokens = tokens;
    this.#tries = tries;
  }

  /** Null for somebody who has not said who they are. */
  roleOf(request: FastifyRequest): Role | null {
    if (this.tokens === null) return "operator";
    const token = tokenOf(request.headers.authorization);
    if (token !== null) return this.tokens.roleOf(token);
    const session = sessionOf(request.headers.cookie);
    return session === null ? null : this.sessions.roleOf(session);
  }

  /** Checks every request before anything of it is read. */
  guard(app: FastifyInstance): void {
    app.addHook("onRequest", async (request) => this.check(request));
  }

  /** @throws `access.token`, `access.role`, `access.origin`, `request.tooMany` */
  check(request: FastifyRequest): void {
    // An address that no route has is answered to everybody: there is nothing.
    const { need = defaultNeed(request.method) } = request.is404
      ? { need: "nothing" as const }
      : request.routeOptions.config;
    if (need === "nothing") return;
    if (need === "operator") requireOwnPage(request);
    if (this.tokens === null) {
      // A page of somebody else whose name was made to point here (DNS rebinding) speaks with its own name.
      if (isOwnRoute(request) && !OWN_NAME.test(request.hostname)) throw foreign("name");
      return;
    }
    const role = this.roleOf(request);
    if (role === null) throw this.#refusal(request);
    if (need === "operator" && role !== "operator")
      throw new TilthError("access.role", "expected the operator's token for this, got the reader's");
  }

  #refusal({ headers, ip }: FastifyRequest): TilthError {
    if (tokenOf(headers.authorization) !== null) this.#tries.count(ip);
    const message = "expected a token: send it as 'Authorization: Bearer TOKEN', or sign in on the page";
    return new TilthError("access.token", message);
  }
}

function defaultNeed(method: string): Need {
  return method === "GET" || method === "HEAD" || method === "OPTIONS" ? "reader" : "operator";
}

/** Browsers say where a page that asks comes from; programs say nothing. @throws `access.origin` */
export function requireOwnPage({ headers, host, protocol }: FastifyRequest): void {
  const { origin, "sec-fetch-site": site } = headers;
  if (site !== undefined && site !== "same-origin" && site !== "none") throw foreign("page");
  if (origin !== undefined && origin !== `${protocol}://${host}`) throw foreign("page");
}

function foreign(what: "name" | "page"): TilthError {
  return new TilthError("access.origin", `expected a request of this server's own page, got one of another ${what}`);
}

/** Of `Bearer TOKEN`, or the password of Basic (QGIS, GDAL), whatever the name beside it. */
function tokenOf(header: string | undefined): string | null {
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(header ?? "") ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === "bearer") return value;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

export function sessionOf(cookies: string | undefined): string | null {
  const found = (cookies ?? "").split(";").map((pair) => pair.trim().split("="));
  return found.find(([name]) => name === SESSION_COOKIE)?.[1] ?? null;
}
