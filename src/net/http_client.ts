import type { Agent, Dispatcher } from "undici";
import { redactUrl, systemClock, throwIfAborted, TilthError, whenAborted, type Clock } from "../core/index.ts";
import type { AddressGuard } from "./address_guard.ts";
import { ACCEPT_ENCODING, decodeContent } from "./content_decoding.ts";
import { newAgent, newProxyAgent } from "./dispatchers.ts";
import { Exchange, type AttemptLimits, type RawResponse } from "./exchange.ts";
import { newGuardedAgent, type ResolveHost } from "./guarded_agent.ts";
import { HostRegistry, type HostRegistryOptions } from "./host_registry.ts";
import type { HostPolicy } from "./host_state.ts";
import { httpError } from "./http_errors.ts";
import { redirectTarget } from "./redirect.ts";
import { defaultUserAgent } from "./user_agent.ts";

export interface HttpClientOptions {
  /** Names the program and how to reach who runs it. */
  userAgent?: string;
  /** Offer HTTP/2 (used only over TLS, by ALPN). @default false: HTTP/1.1 spreads over connections, which is faster for tiles */
  http2?: boolean;
  /** Obey HTTP_PROXY, HTTPS_PROXY and NO_PROXY. @default true */
  proxyFromEnvironment?: boolean;
  /** @default 10000 */
  connectTimeoutMs?: number;
  /** PEM of a certificate authority of one's own, instead of the well-known ones. */
  certificateAuthority?: string;
  /** For a client with a registry of its own. */
  defaultPolicy?: HostPolicy;
  /** For a client with a registry of its own: hosts that other processes ask as well. */
  shareHost?: HostRegistryOptions["shareHost"];
  /** For a client with a registry of its own: requests at a time to any host, whatever its policy allows. */
  ownConcurrency?: number;
  /** Limits and breakers that are shared with another client of this process. @default its own */
  hosts?: HostRegistry;
  /**
   * Refuses every URL, redirect and address that it does not allow (`http.forbidden`). Such a client connects by itself: proxies of the
   * environment are not used, because what a name means would be up to them, and neither is HTTP/2.
   */
  guard?: AddressGuard;
  /** What a name means to a client with a guard. @default the system's resolver */
  resolveHost?: ResolveHost;
  clock?: Clock;
}

export interface HttpRequest extends Partial<AttemptLimits> {
  /** Sent as they are; secrets among them are not sent on to another origin. */
  headers?: Readonly<Record<string, string>>;
  /** Values (keys, passwords) that are cut out of every error of this request. */
  secrets?: readonly string[];
  /** Sent as a POST, with its media type among the headers; only for questions that may be asked twice. Redirects are not followed then. */
  body?: string;
  /** Redirects followed. @default 5 */
  maxRedirects?: number;
  /** Called with the URL of each hop before it is asked; throws to refuse. */
  checkUrl?: (url: URL) => void;
  /** Called at the end of each exchange, also of one that broke, with the bytes of its body that came over the wire. */
  onReceived?: (bytes: number) => void;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; repeated headers joined by a comma. */
  headers: Readonly<Record<string, string | undefined>>;
  /** Decoded; may be a window of a slightly larger buffer, which nobody else uses. */
  body: Uint8Array<ArrayBuffer>;
  /** As it came, still content-encoded; the same buffer as `body` when nothing was encoded. */
  wireBody: Uint8Array<ArrayBuffer>;
  /** After redirects. */
  url: string;
}

/** Limits of one attempt when nothing is said. */
export const DEFAULT_LIMITS: AttemptLimits = {
  timeoutMs: 30_000,
  headersTimeoutMs: 20_000,
  minBytesPerSecond: 500,
  maxBodyBytes: 32 * 1024 * 1024,
};

/** How often the time limits of running exchanges are looked at, ms: one timer for all of them instead of three for each. */
const WATCH_INTERVAL_MS = 100;

/** Connections to one origin at the most; the host's own limit is the one that counts. */
const MAX_CONNECTIONS = 256;

/** One exchange at a time over pooled connections: timeouts, caps, decoding, redirects. It retries nothing; see `downloadTile` and `FetchPump`. */
export class HttpClient {
  readonly userAgent: string;
  readonly hosts: HostRegistry;
  readonly #clock: Clock;
  readonly #options: HttpClientOptions;
  #made: Dispatcher | null = null;
  readonly #running = new Set<Exchange>();
  #stopWatch: (() => void) | null = null;

  constructor(options: HttpClientOptions = {}) {
    this.userAgent = options.userAgent ?? defaultUserAgent();
    this.#clock = options.clock ?? systemClock;
    const { defaultPolicy, shareHost, ownConcurrency } = options;
    this.hosts = options.hosts ?? new HostRegistry({ clock: this.#clock, defaultPolicy, shareHost, ownConcurrency });
    if (options.proxyFromEnvironment !== false && options.guard === undefined) checkProxies(process.env);
    this.#options = options;
  }

  /**
   * One attempt, any status. Redirects are followed with every hop checked.
   * @throws `http.*` (see `isRetryable`; `http.forbidden` is the guard's), CancelledError when `signal` aborts
   */
  async request(url: string, request: HttpRequest = {}): Promise<HttpResponse> {
    const { maxRedirects = request.body === undefined ? 5 : 0, secrets } = request;
    let target = parseHttpUrl(url, secrets);
    let headers = request.headers ?? {};
    const deadlineMs = this.#clock.monotonicMs() + (request.timeoutMs ?? DEFAULT_LIMITS.timeoutMs);
    for (let hop = 0; ; hop++) {
      this.#options.guard?.checkUrl(target);
      request.checkUrl?.(target);
      // One attempt is one timeout, however many redirects it takes.
      const limited =
        hop === 0 ? request : { ...request, timeoutMs: Math.max(1, deadlineMs - this.#clock.monotonicMs()) };
      const raw = await this.#exchange(target, headers, limited);
      this.hosts.find(target.host)?.countReceived(raw.body.length);
      const next = redirectTarget(raw, target, headers, secrets);
      if (next === null) return this.#finish(raw, target.href, request);
      if (hop >= maxRedirects) {
        const to = redactUrl(`${next.url.origin}${next.url.pathname}`, secrets);
        const message = `expected at most ${maxRedirects} redirects, got one more, to ${to}`;
        throw httpError("http.redirect", message, { url, secrets, fields: { to } });
      }
      ({ url: target, headers } = next);
    }
  }

  /** Loads what the first request needs (35 ms); to be called while something else is waited for. */
  prepare(): void {
    this.#made ??= makeDispatcher(this.#options);
  }

  /** Closes every connection; running exchanges are cut. */
  async close(): Promise<void> {
    this.#stopWatch?.();
    this.#stopWatch = null;
    await this.#made?.destroy();
  }

  async #exchange(url: URL, headers: Readonly<Record<string, string>>, request: HttpRequest): Promise<RawResponse> {
    const first = this.#dispatch(url, headers, request);
    try {
      return await first.result;
    } catch (error) {
      // A pooled connection that the server had closed meanwhile says nothing about the server: once more, at once.
      if (!first.untouched || !isReusedSocket(error)) throw error;
      return this.#dispatch(url, headers, request).result;
    }
  }

  #dispatch(url: URL, headers: Readonly<Record<string, string>>, request: HttpRequest): Exchange {
    throwIfAborted(request.signal);
    const exchange = new Exchange(url.href, limitsOf(request), this.#clock, request.secrets);
    const stopListening = whenAborted(request.signal, (error) => exchange.abort(error));
    this.#watch(exchange);
    const done = (): void => {
      stopListening();
      this.#running.delete(exchange);
      request.onReceived?.(exchange.receivedBytes);
    };
    exchange.result.then(done, done);
    const sent = { "user-agent": this.userAgent, "accept-encoding": ACCEPT_ENCODING, accept: "*/*", ...headers };
    (this.#made ??= makeDispatcher(this.#options)).dispatch(
      { origin: url.origin, path: url.pathname + url.search, ...methodOf(request), headers: sent },
      exchange,
    );
    return exchange;
  }

  #watch(exchange: Exchange): void {
    this.#running.add(exchange);
    if (this.#stopWatch !== null) return;
    const tick = (): void => {
      const now = this.#clock.monotonicMs();
      for (const running of this.#running) running.checkTime(now);
      this.#stopWatch = this.#running.size === 0 ? null : this.#clock.setTimer(tick, WATCH_INTERVAL_MS);
    };
    this.#stopWatch = this.#clock.setTimer(tick, WATCH_INTERVAL_MS);
  }

  async #finish(raw: RawResponse, url: string, request: HttpRequest): Promise<HttpResponse> {
    const headers = flattenHeaders(raw.headers);
    const encoding = headers["content-encoding"];
    const maxBytes = request.maxBodyBytes ?? DEFAULT_LIMITS.maxBodyBytes;
    const body =
      encoding === undefined || raw.body.length === 0
        ? raw.body
        : await decodeContent(raw.body, encoding, maxBytes, { url, secrets: request.secrets });
    return { status: raw.status, headers, body, wireBody: raw.body, url };
  }
}

let shared: HttpClient | null = null;

/** The one client of this process: its pools, breakers and limits are shared by all who fetch. */
export function getHttpClient(): HttpClient {
  shared ??= new HttpClient();
  return shared;
}

function makeDispatcher(options: HttpClientOptions): Dispatcher {
  const { http2 = false, proxyFromEnvironment = true, connectTimeoutMs = 10_000, certificateAuthority: ca } = options;
  const proxied = PROXY_VARIABLES.some((name) => (process.env[name] ?? "") !== "");
  const connect = { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) };
  const settings = {
    allowH2: http2,
    connections: MAX_CONNECTIONS,
    connect,
    // Shorter than the 5 s at which common servers hang up, so that a pooled socket is rarely a dead one.
    keepAliveTimeout: 4_000,
    // Our own watch is the judge of time; undici's timers stay off.
    headersTimeout: 0,
    bodyTimeout: 0,
  } satisfies Agent.Options;
  if (options.guard !== undefined) return newGuardedAgent(settings, options.guard, options.resolveHost);
  return proxied && proxyFromEnvironment
    ? newProxyAgent({ ...settings, requestTls: connect, proxyTls: connect })
    : newAgent(settings);
}

const PROXY_VARIABLES = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];

/** The value may hold a password and is not shown. */
function checkProxies(environment: NodeJS.ProcessEnv): void {
  for (const name of PROXY_VARIABLES) {
    const value = environment[name] ?? "";
    const protocol = URL.parse(value)?.protocol;
    if (value === "" || protocol === "http:" || protocol === "https:") continue;
    const message = `expected the environment variable ${name} to be a URL like http://proxy.example:3128, got another text`;
    throw new TilthError("argument.invalid", message, { fields: { name } });
  }
}

function methodOf({ body }: HttpRequest): Pick<Dispatcher.DispatchOptions, "method" | "body"> {
  return body === undefined ? { method: "GET" } : { method: "POST", body };
}

function limitsOf(request: HttpRequest): AttemptLimits {
  const timeoutMs = request.timeoutMs ?? DEFAULT_LIMITS.timeoutMs;
  return {
    timeoutMs,
    headersTimeoutMs: request.headersTimeoutMs ?? Math.min(timeoutMs, DEFAULT_LIMITS.headersTimeoutMs),
    minBytesPerSecond: request.minBytesPerSecond ?? DEFAULT_LIMITS.minBytesPerSecond,
    maxBodyBytes: request.maxBodyBytes ?? DEFAULT_LIMITS.maxBodyBytes,
  };
}

function parseHttpUrl(url: string, secrets: readonly string[] | undefined): URL {
  const parsed = URL.parse(url);
  if (parsed !== null && (parsed.protocol === "http:" || parsed.protocol === "https:")) return parsed;
  throw httpError("http.redirect", "expected an http or https URL, got another", {
    url,
    secrets,
    fields: { retryable: false },
  });
}

function flattenHeaders(headers: RawResponse["headers"]): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

/** undici's socket errors carry the socket's counters: bytes read before mean that it served an earlier request. */
function isReusedSocket(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const socket = (cause as { socket?: { bytesRead?: number } } | undefined)?.socket;
  return (socket?.bytesRead ?? 0) > 0;
}
