import { isTilthError, redactUrl, TilthError, type ErrorCode, type ErrorFields } from "../core/index.ts";

export interface HttpErrorDetails {
  /** Shown with its secrets cut. */
  url: string;
  /** Values to cut out of the shown URL besides what looks like a key. */
  secrets?: readonly string[];
  status?: number;
  /** Wait that the server asked for, ms. */
  retryAfterMs?: number;
  cause?: unknown;
  fields?: ErrorFields;
}

/** An error of one HTTP exchange; `fields` hold the redacted URL, the status and the wait that was asked for. */
export function httpError(code: ErrorCode, message: string, details: HttpErrorDetails): TilthError {
  const { url, status, retryAfterMs, cause } = details;
  const shown = redactUrl(url, details.secrets);
  const known = {
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return new TilthError(code, `${message} (${shown})`, { cause, fields: { url: shown, ...known, ...details.fields } });
}

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const RETRYABLE_CODES: ReadonlySet<ErrorCode> = new Set([
  "http.connect",
  "http.reset",
  "http.timeout",
  "http.slow",
  "http.throttled",
  "http.protocol",
  "http.truncated",
  "tile.notImage",
  "tile.truncated",
  "tile.empty",
  "source.exception",
]);

/** True when the same request can succeed later: RFC 9110 statuses 408, 429, 500, 502, 503, 504, broken connections and broken bodies. */
export function isRetryable(error: unknown): boolean {
  if (!isTilthError(error)) return false;
  if (error.fields["retryable"] === false) return false;
  if (error.code === "http.status") return RETRYABLE_STATUS.has(Number(error.fields["status"]));
  return RETRYABLE_CODES.has(error.code);
}

/** True when the server itself asked for less: 429, or 503 with Retry-After. */
export function isThrottle(error: unknown): boolean {
  if (isTilthError(error, "http.throttled")) return true;
  return (
    isTilthError(error, "http.status") && error.fields["status"] === 503 && error.fields["retryAfterMs"] !== undefined
  );
}

/** Wait that the server asked for, ms; null when it said nothing. */
export function retryAfterOf(error: unknown): number | null {
  if (!isTilthError(error)) return null;
  const value = error.fields["retryAfterMs"];
  return typeof value === "number" ? value : null;
}

interface SystemError {
  name?: unknown;
  code?: unknown;
  message?: unknown;
}

const CONNECT_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** What undici or the socket threw, in our words. `received` says whether any byte of the answer had come. */
export function fromTransportError(
  error: unknown,
  place: Pick<HttpErrorDetails, "url" | "secrets">,
  received: { bytes: number; expected: number | null },
): TilthError {
  if (isTilthError(error)) return error;
  const { name: kind, code, message } = (error ?? {}) as SystemError;
  const name = typeof code === "string" ? code : "";
  const why = typeof message === "string" && message !== "" ? message : name;
  const refusedBy = /^Proxy .*\((\d{3})\)/.exec(why)?.[1];
  if (refusedBy !== undefined) return proxyError(Number(refusedBy), place, error);
  if (CONNECT_CODES.has(name))
    return httpError("http.connect", `no connection: ${why}; is the host up and the name right?`, {
      ...place,
      cause: error,
    });
  if (isCertificateProblem(name)) {
    return httpError("http.connect", `the certificate was refused: ${why}`, {
      ...place,
      cause: error,
      fields: { retryable: false },
    });
  }
  if (name === "UND_ERR_INVALID_ARG") {
    const fields = { retryable: false };
    return httpError("http.protocol", `the request cannot be sent: ${why}`, { ...place, cause: error, fields });
  }
  // What the parser says of a body in chunks whose connection ends before its last one.
  const isCut = why.includes("(Invalid EOF state)");
  if (!isCut && (name.startsWith("HPE_") || kind === "HTTPParserError"))
    return httpError("http.protocol", `the answer is not valid HTTP: ${why}`, { ...place, cause: error });
  if (name === "UND_ERR_HEADERS_TIMEOUT" || name === "UND_ERR_BODY_TIMEOUT")
    return httpError("http.timeout", `the host did not answer in time: ${why}`, { ...place, cause: error });
  if (received.expected !== null && received.bytes < received.expected) {
    const counts = { expectedBytes: received.expected, receivedBytes: received.bytes };
    return httpError(
      "http.truncated",
      `expected ${received.expected} bytes, got ${received.bytes} before the connection closed`,
      { ...place, cause: error, fields: counts },
    );
  }
  const how = isCut ? "before the answer had ended" : why;
  return httpError("http.reset", `the connection broke: ${how}`, { ...place, cause: error });
}

/** undici tells of it by its words alone: 'Proxy response (403) !== 200 ...', 'Proxy Authentication Required (407)'. */
function proxyError(status: number, place: Pick<HttpErrorDetails, "url" | "secrets">, cause: unknown): TilthError {
  const advice =
    status === 407 ? "put name and password into its URL: http://NAME:PASSWORD@HOST:PORT" : "ask who runs it";
  const message = `expected the proxy of the environment to let the request through, got its status ${status}; ${advice}`;
  const fields = { proxyStatus: status, retryable: RETRYABLE_STATUS.has(status) };
  return httpError("http.connect", message, { ...place, cause, fields });
}

function isCertificateProblem(code: string): boolean {
  return (
    code.startsWith("ERR_TLS_") || code.startsWith("CERT_") || /CERTIFICATE|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)
  );
}
