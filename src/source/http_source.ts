import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { getHttpClient, type HostState, type HttpClient, type HttpRequest } from "../net/index.ts";
import { fetchHttpTile } from "./http_tile.ts";
import type { FetchTileOptions, SourceInfo, SourceTile, TileSource } from "./tile_source.ts";

/** How any HTTP source is asked. */
export interface HttpSourceOptions {
  client?: HttpClient;
  /** Sent with each request: Referer, Authorization, cookies ... */
  headers?: Readonly<Record<string, string>>;
  /** One attempt, ms. @default 30000 */
  timeoutMs?: number;
  /** Floor on body speed, bytes a second. @default 500 */
  minBytesPerSecond?: number;
  /** @default 33554432 (32 MiB) */
  maxBodyBytes?: number;
  /** Values that must never be shown: cut out of every error. */
  secrets?: readonly string[];
}

/** A source whose tiles have URLs: what differs between protocols is only how the URL is made. */
export class HttpTileSource implements TileSource {
  readonly info: SourceInfo;
  readonly hosts: readonly HostState[];
  readonly #client: HttpClient;
  readonly #request: HttpRequest;
  readonly #buildUrl: (tile: TileCoord, mirror: number) => string;

  /** @param mirrors one URL (or template) for each host that `buildUrl` can address, in its order */
  constructor(
    info: SourceInfo,
    mirrors: readonly string[],
    buildUrl: (tile: TileCoord, mirror: number) => string,
    options: HttpSourceOptions = {},
  ) {
    this.info = info;
    this.#client = options.client ?? getHttpClient();
    this.#request = requestOf(options);
    this.#buildUrl = buildUrl;
    this.hosts = mirrors.map((mirror) => this.#client.hosts.get(hostOf(mirror)));
  }

  async fetchTile(tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> {
    return fetchHttpTile(this.#client, this.#buildUrl(tile, options.host ?? 0), this.#request, options);
  }

  async close(): Promise<void> {
    // The client belongs to the process, not to one source.
  }
}

function requestOf(options: HttpSourceOptions): HttpRequest {
  const { timeoutMs, minBytesPerSecond, maxBodyBytes, secrets } = options;
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { headers, timeoutMs, minBytesPerSecond, maxBodyBytes, secrets };
}

function hostOf(url: string): string {
  // Placeholders may stand in the path, never in the host: they were written out for each mirror.
  const parsed = URL.parse(url.replace(/\{[^{}]*\}/g, "0"));
  if (parsed !== null && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed.host;
  throw new TilthError("source.invalid", "expected a URL that begins with http:// or https://", { fields: {} });
}
