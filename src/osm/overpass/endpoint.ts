import { isTilthError, redactUrl, TilthError } from "../../core/index.ts";
import { hasContact } from "../../net/index.ts";
import { EXTRACT, OTHER_SERVICE } from "./advice.ts";

const EXAMPLE = "https://overpass.example.org/api/interpreter";

/** The address of an interpreter. @throws `argument.invalid` when it is no URL, or a public one that is not told who asks */
export function requireEndpoint(endpoint: string, userAgent: string): URL {
  const url = URL.parse(endpoint);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw invalid(
      `expected the URL of an Overpass interpreter, e.g. ${EXAMPLE}, got '${redactUrl(endpoint.slice(0, 200))}'`,
    );
  if (userAgent.trim() === "") throw invalid("expected a User-Agent that says who asks, got an empty one");
  const isLocal = /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(url.hostname);
  if (!isLocal && !hasContact(userAgent))
    throw invalid(
      `${url.host} asks every program to say who runs it; set TILTH_CONTACT to an address or URL at which you can be reached, or put one into --user-agent`,
    );
  return url;
}

/** Queries are not sent on to where nobody said they may go: the same error with what to do about it. Other errors as they are. */
export function withWayOn(error: unknown, host: string): unknown {
  if (!isTilthError(error, "http.redirect")) return error;
  const { to } = error.fields;
  const message =
    typeof to === "string"
      ? `${host} sends queries on to ${to}; if you want to ask there, name it: --overpass ${to}`
      : `${host} sends queries on to where they may not go (${error.message}); ${OTHER_SERVICE}, or ${EXTRACT}`;
  return new TilthError("http.redirect", message, { cause: error, fields: error.fields });
}

function invalid(message: string): TilthError {
  return new TilthError("argument.invalid", message);
}
