import { isSecretHeader } from "../core/index.ts";
import type { RawResponse } from "./exchange.ts";
import { httpError } from "./http_errors.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface Hop {
  url: URL;
  headers: Readonly<Record<string, string>>;
}

/**
 * Where an answer sends us; null when it is no redirect. Headers that are or hold secrets stay behind when the origin changes.
 * @throws `http.redirect` for a target that is not http(s) or goes from https down to http
 */
export function redirectTarget(
  response: RawResponse,
  from: URL,
  headers: Hop["headers"],
  secrets?: readonly string[],
): Hop | null {
  const location = response.headers["location"];
  if (!REDIRECTS.has(response.status) || typeof location !== "string") return null;
  const url = URL.parse(location, from.href);
  const allowed =
    url !== null && (url.protocol === "https:" || (url.protocol === "http:" && from.protocol === "http:"));
  if (!allowed) {
    throw httpError(
      "http.redirect",
      "the answer redirects to a place that is not allowed (expected http or https, and never from https down to http)",
      {
        url: from.href,
        secrets,
        fields: { retryable: false },
      },
    );
  }
  const sameOrigin = url.origin === from.origin;
  return {
    url,
    headers: sameOrigin ? headers : withoutSecrets(headers, secrets),
  };
}

/** Headers that another origin may see: none that by its name, or by what it holds, is a secret. */
export function withoutSecrets(headers: Hop["headers"], secrets: readonly string[] = []): Record<string, string> {
  const isPublic = ([name, value]: [string, string]): boolean =>
    !isSecretHeader(name) && !secrets.some((secret) => secret !== "" && value.includes(secret));
  return Object.fromEntries(Object.entries(headers).filter(isPublic));
}
