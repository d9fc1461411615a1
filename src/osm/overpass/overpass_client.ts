import {
  isTilthError,
  sleep,
  systemClock,
  TilthError,
  throwIfAborted,
  type Clock,
  type Logger,
  silentLogger,
} from "../../core/index.ts";
import { Semaphore } from "../../concurrency/index.ts";
import { parseRetryAfter, type HttpClient, type HttpResponse } from "../../net/index.ts";
import { requireData } from "./answers.ts";
import type { BudgetMeter } from "./budget.ts";
import { parseSlotStatus } from "./slot_status.ts";

export interface OverpassClientOptions {
  readonly client: HttpClient;
  /** Of the interpreter, e.g. https://overpass.example.org/api/interpreter. */
  readonly endpoint: string;
  readonly budget: BudgetMeter;
  /** Attempts at one query when the service is overloaded. @default 6 */
  readonly attempts?: number;
  /** For which a query may take at the service, s; the wait for its answer is longer by the time that it may wait there. */
  readonly timeoutS: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** @internal between 0 and 1 */
  readonly random?: () => number;
}

/** After a 429 nothing is asked for so long, whatever the status says. */
const QUOTA_WAIT_MS = 30_000;
/** After a 504, doubled each time. */
const BUSY_WAIT_MS = 30_000;
const MAX_WAIT_MS = 10 * 60_000;
/** A service may hold a query in its line for as long as the query may run. */
const LINE_MS = 60_000;
/** Five times what a cell of 50,000 objects comes to. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** One at a time for each operator, however many jobs of this process ask. */
const lines = new Map<string, Semaphore>();

/**
 * Asks one Overpass service, politely: one query at a time, a place asked for before the first, and waits when it is told to. An answer that is not whole
 * is an error.
 */
export class OverpassClient {
  readonly #options: OverpassClientOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #host: string;
  /** Nothing is asked before, ms. */
  #notBeforeMs = 0;
  #hasAskedForPlace = false;

  /** @throws `argument.invalid` for an endpoint that is no URL, or a public one without a contact */
  constructor(options: OverpassClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#host = requireEndpoint(options).host;
  }

  get host(): string {
    return this.#host;
  }

  /**
   * The answer, checked to be whole JSON.
   * @throws `overpass.query`, `overpass.refused`, `overpass.incomplete`, `overpass.answer`, `overpass.budget`; `overpass.busy` and `overpass.quota` after the last
   * attempt; `http.*`
   */
  async query(query: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { attempts = 6 } = this.#options;
    const line = lineOf(this.#options.endpoint);
    const release = await line.acquire({ signal });
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#attempt(query, signal);
        } catch (error) {
          if (attempt >= attempts || !isTransient(error)) throw error;
          await this.#backOff(error, attempt, signal);
        }
      }
    } finally {
      release();
    }
  }

  async #attempt(query: string, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { client, endpoint, budget, timeoutS } = this.#options;
    if (!this.#hasAskedForPlace) await this.#waitForPlace(signal);
    await this.#waitUntil(this.#notBeforeMs, signal);
    await budget.requireLeft();
    const timeoutMs = timeoutS * 1000 + LINE_MS;
    const response = await client.request(endpoint, {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: `data=${encodeURIComponent(query)}`,
      timeoutMs,
      headersTimeoutMs: timeoutMs,
      // It works before it speaks, and speaks in bursts.
      minBytesPerSecond: 0,
      maxBodyBytes: MAX_ANSWER_BYTES,
      signal,
    });
    await budget.add(response.wireBody.byteLength);
    this.#obeyRetryAfter(response);
    requireData({ status: response.status, body: response.body, host: this.#host });
    return response.body;
  }

  #obeyRetryAfter({ headers, status }: HttpResponse): void {
    if (status === 200) return;
    const waitMs = parseRetryAfter(headers["retry-after"], this.#clock.now()) ?? 0;
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#clock.monotonicMs() + Math.min(waitMs, MAX_WAIT_MS));
  }

  async #backOff(error: unknown, attempt: number, signal: AbortSignal | undefined): Promise<void> {
    const isQuota = isTilthError(error, "overpass.quota");
    const { random = Math.random } = this.#options;
    const waitMs = isQuota
      ? QUOTA_WAIT_MS
      : Math.min(MAX_WAIT_MS, BUSY_WAIT_MS * 2 ** (attempt - 1)) * (1 + random() / 2);
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#clock.monotonicMs() + waitMs);
    this.#logger.warn("Overpass:Waits", {
      host: this.#host,
      waitMs: Math.round(waitMs),
      code: isTilthError(error) ? error.code : "unknown",
    });
    await this.#waitUntil(this.#notBeforeMs, signal);
    if (isQuota) await this.#waitForPlace(signal);
  }

  /** Asks `/api/status` and waits for the place that it names. A service without that page is asked as it is. */
  async #waitForPlace(signal: AbortSignal | undefined): Promise<void> {
    const { client, endpoint } = this.#options;
    this.#hasAskedForPlace = true;
    await this.#waitUntil(this.#notBeforeMs, signal);
    const response = await client
      .request(new URL("status", endpoint).href, { timeoutMs: 30_000, maxBodyBytes: 64 * 1024, signal })
      .catch((error: unknown) => {
        throwIfAborted(signal);
        this.#logger.warn("Overpass:NoStatus", {
          host: this.#host,
          code: isTilthError(error) ? error.code : "unknown",
        });
        return null;
      });
    if (response === null || response.status !== 200) return;
    const status = parseSlotStatus(Buffer.from(response.body).toString("utf8"));
    if (status === null) return;
    // A second more: clocks differ.
    const waitMs = status.waitMs === null ? QUOTA_WAIT_MS : status.waitMs === 0 ? 0 : status.waitMs + 1000;
    await this.#waitUntil(this.#clock.monotonicMs() + Math.min(waitMs, MAX_WAIT_MS), signal);
  }

  async #waitUntil(timeMs: number, signal: AbortSignal | undefined): Promise<void> {
    const waitMs = timeMs - this.#clock.monotonicMs();
    if (waitMs > 0) await sleep(waitMs, { clock: this.#clock, signal });
  }
}

function isTransient(error: unknown): boolean {
  if (!isTilthError(error)) return false;
  return ["overpass.busy", "overpass.quota", "http.connect", "http.reset", "http.timeout", "http.truncated"].includes(
    error.code,
  );
}

function lineOf(endpoint: string): Semaphore {
  const operator = new URL(endpoint).host.split(".").slice(-2).join(".");
  let line = lines.get(operator);
  if (line === undefined) lines.set(operator, (line = new Semaphore(1)));
  return line;
}

function requireEndpoint({ endpoint, client }: OverpassClientOptions): URL {
  const url = URL.parse(endpoint);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new TilthError(
      "argument.invalid",
      `expected the URL of an Overpass interpreter, e.g. https://overpass.example.org/api/interpreter, got '${endpoint.slice(0, 200)}'`,
    );
  const isLocal = /^(?:127\.|localhost$|\[::1\])/.test(url.hostname);
  if (!isLocal && client.userAgent.includes("contact: not given"))
    throw new TilthError(
      "argument.invalid",
      `${url.host} asks every program to say who runs it; set TILTH_CONTACT to an address or URL at which you can be reached`,
    );
  return url;
}
