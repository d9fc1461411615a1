import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { getHttpClient, type HostState, type HttpClient, type HttpRequest } from "../net/index.ts";
import { checkRedirectPolicy, withHostPolicy } from "./bulk_policy.ts";
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
  /** Headers of each mirror in their order, instead of `headers`: one mirror's password is not another's. */
  mirrorHeaders?: readonly Readonly<Record<string, string>>[];
  /** Values that must never be shown: cut out of every error. */
  secrets?: readonly string[];
}

/** A source whose tiles have URLs: what differs between protocols is only how the URL is made. */
export class HttpTileSource implements TileSource {
  readonly info: SourceInfo;
  readonly hosts: readonly HostState[];
  readonly #client: HttpClient;
  /** One for each mirror. */
  readonly #requests: readonly HttpRequest[];
  readonly #buildUrl: (tile: TileCoord, mirror: number) => string;

  /** @param mirrors one URL (or template) for each host that `buildUrl` can address, in its order */
  constructor(
    info: SourceInfo,
    mirrors: readonly string[],
    buildUrl: (tile: TileCoord, mirror: number) => string,
    options: HttpSourceOptions = {},
  ) {
    const places = mirrors.map(placeOf);
    this.info = withHostPolicy(
      info,
      places.map(({ hostname }) => hostname),
    );
    this.#client = options.client ?? getHttpClient();
    const checkUrl = redirectCheck(this.info, places);
    this.#requests = places.map((_place, index) => ({
      ...requestOf(options, options.mirrorHeaders?.[index] ?? options.headers),
      checkUrl,
    }));
    this.#buildUrl = buildUrl;
    this.hosts = places.map(({ host }) => this.#client.hosts.get(host));
  }

  async fetchTile(tile: TileCoord, options: FetchTileOptions = {}): Promise<SourceTile> {
    const mirror = Math.max(0, options.host ?? 0) % this.#requests.length;
    return fetchHttpTile(this.#client, this.#buildUrl(tile, mirror), this.#requests[mirror] ?? {}, options);
  }

  async close(): Promise<void> {
    // The client belongs to the process, not to one source.
  }
}

function requestOf(options: HttpSourceOptions, given: Readonly<Record<string, string>> = {}): HttpRequest {
  const { timeoutMs, minBytesPerSecond, maxBodyBytes, secrets } = options;
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  return { headers, timeoutMs, minBytesPerSecond, maxBodyBytes, secrets };
}

/** A source that is open to bulk use must not come by tiles that are not: redirects are followed to no such host. */
function redirectCheck(info: SourceInfo, places: readonly URL[]): HttpRequest["checkUrl"] {
  if (info.bulk === "forbidden") return undefined;
  const own = new Set(places.map(({ host }) => host));
  return (url) => {
    if (!own.has(url.host)) checkRedirectPolicy(url);
  };
}

/** Placeholders may stand in the path, never in the host: limits and policies are those of a host that is known. */
function placeOf(url: string): URL {
  const parsed = URL.parse(url.replace(/\{[^{}]*\}/g, "0"));
  if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:"))
    throw new TilthError("source.invalid", "expected a URL that begins with http:// or https://", { fields: {} });
  if (/^[^:]*:\/\/[^/?#]*\{/.test(url))
    throw new TilthError(
      "source.invalid",
      "expected a host without placeholders (but {s}, {a-c}, {switch:a,b}), got one",
    );
  return parsed;
}
