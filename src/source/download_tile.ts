import { isTilthError, TilthError, redactUrl } from "../core/index.ts";
import { DEFAULT_RETRY, getHttpClient, withRetry, type HttpClient, type RetryPolicy } from "../net/index.ts";
import { fetchHttpTile } from "./http_tile.ts";

export interface DownloadTileOptions {
  headers?: Readonly<Record<string, string>>;
  /** One attempt, ms. @default 30000 */
  timeoutMs?: number;
  retry?: Partial<RetryPolicy>;
  /** @default the one client of this process */
  client?: HttpClient;
  signal?: AbortSignal;
}

/**
 * Bytes of one tile by URL, checked to be a whole tile; retried where that can help, at the pace that its host allows.
 * @throws `tile.missing` (404, 410, 204), `http.*`, `tile.*`, CancelledError
 */
export async function downloadTile(url: string, options: DownloadTileOptions = {}): Promise<Uint8Array> {
  const { client = getHttpClient(), headers, timeoutMs, retry, signal } = options;
  const parsed = URL.parse(url);
  if (parsed === null) throw new TilthError("source.invalid", `expected the URL of a tile, got '${redactUrl(url)}'`);
  const host = client.hosts.get(parsed.host);
  const attempt = () => fetchHttpTile(client, url, { headers, timeoutMs }, { signal });
  const answer = await withRetry(host, attempt, { policy: { ...DEFAULT_RETRY, ...retry }, signal });
  if (answer.kind === "tile") return answer.data;
  throw new TilthError("tile.missing", `the service has no tile at ${redactUrl(url)}`, {
    fields: { url: redactUrl(url) },
  });
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
