import type { HttpClient, HttpRequest, HttpResponse } from "./http_client.ts";
import { httpError } from "./http_errors.ts";
import { parseRetryAfter } from "./retry_after.ts";
import { withRetry, type RetryOptions } from "./retry_loop.ts";

/** Cap for a description document (capabilities, TileJSON), bytes: the largest real one seen has 8 MB. */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/**
 * A small document by URL, with retries.
 * @throws `http.status` for anything but 2xx, and all that `HttpClient.request` throws
 */
export async function fetchDocument(
  client: HttpClient,
  url: string,
  options: HttpRequest & RetryOptions = {},
): Promise<HttpResponse> {
  const host = client.hosts.get(new URL(url).host);
  const attempt = async (): Promise<HttpResponse> => {
    const response = await client.request(url, { maxBodyBytes: MAX_DOCUMENT_BYTES, ...options });
    throwForStatus(response, { url, secrets: options.secrets });
    return response;
  };
  return withRetry(host, attempt, options);
}

/** @throws `http.throttled` for 429, `http.status` for any other status outside of 2xx and 304 */
export function throwForStatus(
  response: HttpResponse,
  place: { url: string; secrets?: readonly string[] },
  nowMs: number = Date.now(),
): void {
  const { status } = response;
  if ((status >= 200 && status < 300) || status === 304) return;
  const retryAfterMs = parseRetryAfter(response.headers["retry-after"], nowMs) ?? undefined;
  if (status === 429)
    throw httpError("http.throttled", "the host asks to slow down (429)", { ...place, status, retryAfterMs });
  throw httpError("http.status", `expected status 200, got ${status}`, { ...place, status, retryAfterMs });
}
