import { isTilthError, TilthError, redactUrl } from "../core/index.ts";
import {
  DEFAULT_RETRY,
  getHttpClient,
  withRetry,
  type HttpClient,
  type Priority,
  type RetryPolicy,
} from "../net/index.ts";
import { fetchHttpTile } from "./http_tile.ts";
import { plainAccess } from "./secrets_from_env.ts";

export interface DownloadTileOptions {
  headers?: Readonly<Record<string, string>>;
  /** One attempt, ms. @default 30000 */
  timeoutMs?: number;
  /** Further attempts after the first; short for `retry: { maxRetries }`. @default 5 */
  retries?: number;
  retry?: Partial<RetryPolicy>;
  /** @default the one client of this process */
  client?: HttpClient;
  /** "batch" when nobody waits for it: it then leaves room for what people wait for. @default "live" */
  priority?: Priority;
  signal?: AbortSignal;
}

/**
 * Bytes of one tile by URL, checked to be a whole tile; retried where that can help, at the pace that its host allows.
 * `user:password@` is sent as a header; `${NAME}` has no meaning here, because a URL may come from anywhere.
 * @throws `tile.missing` (404, 410, 204), `http.*`, `tile.*`, CancelledError
 */
export async function downloadTile(url: string, options: DownloadTileOptions = {}): Promise<Uint8Array> {
  const { client = getHttpClient(), timeoutMs, retries, retry, signal, priority = "live" } = options;
  const access = plainAccess(url, options.headers);
  const parsed = URL.parse(access.url);
  if (parsed === null) throw new TilthError("source.invalid", `expected the URL of a tile, got '${redactUrl(url)}'`);
  const host = client.hosts.get(parsed.host);
  const { headers, secrets } = access;
  const attempt = () => fetchHttpTile(client, access.url, { headers, secrets, timeoutMs }, { signal });
  const policy = { ...DEFAULT_RETRY, ...(retries === undefined ? {} : { maxRetries: retries }), ...retry };
  const answer = await withRetry(host, attempt, { policy, signal, priority });
  if (answer.kind === "tile") return answer.data;
  const shown = redactUrl(access.url, secrets);
  throw new TilthError("tile.missing", `the service has no tile at ${shown}`, { fields: { url: shown } });
}

export type SafeDownload =
  | { success: true; data: Uint8Array; error: null }
  | { success: false; data: null; error: TilthError };

/** As `downloadTile`, but never throws: the error comes back, and is told to `onError`. */
export async function downloadTileSafe(
  url: string,
  options: DownloadTileOptions & { onError?: (error: TilthError) => void } = {},
): Promise<SafeDownload> {
  const { onError, ...rest } = options;
  try {
    return { success: true, data: await downloadTile(url, rest), error: null };
  } catch (cause) {
    const error = isTilthError(cause)
      ? cause
      : new TilthError("internal", `the download failed in an unexpected way: ${String(cause)}`, { cause });
    try {
      onError?.(error);
    } catch {
      // What the callback throws is the caller's own affair; this function was promised not to.
    }
    return { success: false, data: null, error };
  }
}
