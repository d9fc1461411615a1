import {
  isTilthError,
  messageOf,
  sleep,
  systemClock,
  TilthError,
  throwIfAborted,
  type Clock,
  type Logger,
  silentLogger,
} from "../../core/index.ts";
import type { Release } from "../../concurrency/index.ts";
import { parseRetryAfter, type HttpClient, type HttpResponse } from "../../net/index.ts";
import { OTHER_SERVICE, whatHappened } from "./advice.ts";
import { requireData } from "./answers.ts";
import type { BudgetMeter } from "./budget.ts";
import { requireEndpoint, withWayOn } from "./endpoint.ts";
import { getOperator, operatorName, type Operator, type OperatorSlot } from "./operator.ts";
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
  /** Where other machines ask the operator as well: its slot is taken for each query. @default this process is the only one */
  readonly shareOperator?: (operator: string) => OperatorSlot;
  /** Called before the service is left alone for more than a second. */
  readonly onWait?: (wait: OverpassWait) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** @internal between 0 and 1 */
  readonly random?: () => number;
}

export interface OverpassWait {
  readonly host: string;
  readonly waitMs: number;
  /** For people: what the service said last. */
  readonly why: string;
}

export interface QueryOptions<Result> {
  /** Makes of the body what is wanted; when it throws what waiting may change, the query is asked again. */
  readonly accept: (body: Uint8Array<ArrayBuffer>) => Promise<Result>;
  /** @default the client's */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

/** After a 429 nothing is asked for so long, whatever the status says. */
const QUOTA_WAIT_MS = 30_000;
/** After a 504, doubled each time. */
const BUSY_WAIT_MS = 30_000;
const MAX_BUSY_WAIT_MS = 10 * 60_000;
/** Who asks for more is asked another day. */
const MAX_WAIT_MS = 24 * 3_600_000;
const YEAR_MS = 365 * 24 * 3_600_000;
/** A wait that is not worth a word. */
const SHORT_MS = 1000;
/** Of a host that does not take connections: a name that is wrong does not become right. */
const CONNECT_ATTEMPTS = 2;
/** Places that are waited for one after another: others may have taken them. */
const MAX_PLACES = 5;
/** A service may hold a query in its line for as long as the query may run. */
const LINE_MS = 60_000;
/** A request that breaks on a connection that was used before is sent again at once, which a query must not be. */
const NO_REUSE = { connection: "close" };
/** Five times what a cell of 50,000 objects comes to. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/**
 * Asks one Overpass service, politely: one query at a time, a place asked for before the first, and waits when it is told to. An answer that is not whole
 * is an error.
 */
export class OverpassClient {
  readonly #options: OverpassClientOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #host: string;
  readonly #operator: Operator;
  readonly #slot: OperatorSlot | null;
  #hasAskedForPlace = false;

  /** @throws `argument.invalid` for an endpoint that is no URL, or a public one without a contact */
  constructor(options: OverpassClientOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#host = requireEndpoint(options.endpoint, options.client.userAgent).host;
    this.#operator = getOperator(this.#host);
    this.#slot = options.shareOperator?.(operatorName(this.#host)) ?? null;
  }

  get endpoint(): string {
    return this.#options.endpoint;
  }

  get host(): string {
    return this.#host;
  }

  /** Whether the operator is left alone for a while: it was overloaded, or asked for that. */
  get isResting(): boolean {
    return this.#operator.notBeforeMs > this.#clock.monotonicMs();
  }

  /** Whether it is to be left alone for longer than anybody waits. */
  get isClosed(): boolean {
    return this.#operator.notBeforeMs - this.#clock.monotonicMs() > MAX_WAIT_MS;
  }

  /**
   * The answer, checked to be whole JSON.
   * @throws `overpass.query`, `overpass.refused`, `overpass.incomplete`, `overpass.answer`, `overpass.budget`; `overpass.busy` and `overpass.quota` after the last
   * attempt; `http.*`; what `accept` throws
   */
  async query<Result>(query: string, options: QueryOptions<Result>): Promise<Result> {
    const { signal } = options;
    const attempts = options.attempts ?? this.#options.attempts ?? 6;
    const release = await this.#acquire(signal);
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#attempt(query, options);
        } catch (error) {
          if (!isTransient(error)) throw error;
          // After the last attempt, too: others who ask this operator wait as long.
          this.#rest(error, attempt);
          if (attempt >= (isTilthError(error, "http.connect") ? Math.min(attempts, CONNECT_ATTEMPTS) : attempts))
            throw error;
          await this.#waitForOperator(signal);
          if (isTilthError(error, "overpass.quota")) await this.#waitForPlace(signal);
        }
      }
    } finally {
      release();
    }
  }

  /** The turn in this process, then that among all machines. */
  async #acquire(signal: AbortSignal | undefined): Promise<Release> {
    const leaveLine = await this.#operator.line.acquire({ signal });
    try {
      const leaveSlot = await this.#slot?.acquire({ signal });
      return () => {
        leaveSlot?.();
        leaveLine();
      };
    } catch (error) {
      leaveLine();
      throw error;
    }
  }

  async #attempt<Result>(query: string, { accept, signal }: QueryOptions<Result>): Promise<Result> {
    const { budget } = this.#options;
    if (!this.#hasAskedForPlace) await this.#waitForPlace(signal);
    await this.#waitForOperator(signal);
    await budget.requireLeft();
    let bytes = 0;
    let response: HttpResponse;
    try {
      response = await this.#send(query, signal, (received) => (bytes += received));
    } catch (error) {
      throw withWayOn(error, this.#host);
    } finally {
      // A request that broke was one all the same, and what came of its answer was sent.
      await budget.add(bytes);
    }
    this.#obeyRetryAfter(response);
    requireData({ status: response.status, body: response.body, host: this.#host });
    return accept(response.body);
  }

  #send(query: string, signal: AbortSignal | undefined, onReceived: (bytes: number) => void): Promise<HttpResponse> {
    const { client, endpoint, timeoutS } = this.#options;
    const timeoutMs = timeoutS * 1000 + LINE_MS;
    return client.request(endpoint, {
      headers: { "content-type": "application/x-www-form-urlencoded", ...NO_REUSE },
      body: `data=${encodeURIComponent(query)}`,
      timeoutMs,
      headersTimeoutMs: timeoutMs,
      // It works before it speaks, and speaks in bursts.
      minBytesPerSecond: 0,
      maxBodyBytes: MAX_ANSWER_BYTES,
      onReceived,
      signal,
    });
  }

  #obeyRetryAfter({ headers, status }: HttpResponse): void {
    if (status === 200) return;
    const waitMs = parseRetryAfter(headers["retry-after"], this.#clock.now(), YEAR_MS) ?? 0;
    this.#leaveAloneFor(waitMs, `${this.#host} asks to be left alone (${status})`);
  }

  #rest(error: unknown, attempt: number): void {
    const { random = Math.random } = this.#options;
    const waitMs = isTilthError(error, "overpass.quota")
      ? QUOTA_WAIT_MS
      : Math.min(MAX_BUSY_WAIT_MS, BUSY_WAIT_MS * 2 ** (attempt - 1)) * (1 + random() / 2);
    this.#leaveAloneFor(waitMs, whatHappened(messageOf(error)));
  }

  /** @throws `overpass.refused` when it is for more than a day */
  #leaveAloneFor(waitMs: number, why: string): void {
    if (waitMs <= 0) return;
    const untilMs = this.#clock.monotonicMs() + waitMs;
    if (untilMs > this.#operator.notBeforeMs) Object.assign(this.#operator, { notBeforeMs: untilMs, why });
    this.#slot?.rest(waitMs);
    if (waitMs > MAX_WAIT_MS) throw this.#closedFor(waitMs);
  }

  /** Nobody waits so long: whoever asked comes back. */
  #closedFor(waitMs: number): TilthError {
    const until = new Date(this.#clock.now() + Math.min(waitMs, YEAR_MS)).toISOString();
    const message = `${this.#host} asks to be left alone until ${until}; go on then, what was fetched is kept; or ${OTHER_SERVICE}`;
    return new TilthError("overpass.refused", message, { fields: { host: this.#host, until } });
  }

  /** Asks `/api/status` and waits for the place that it names. A service without that page is asked as it is. @param places that are waited for at the most */
  async #waitForPlace(signal: AbortSignal | undefined, places = MAX_PLACES): Promise<void> {
    const { client, endpoint } = this.#options;
    this.#hasAskedForPlace = true;
    await this.#waitForOperator(signal);
    const response = await client
      .request(new URL("status", endpoint).href, {
        headers: NO_REUSE,
        timeoutMs: 30_000,
        maxBodyBytes: 64 * 1024,
        signal,
      })
      .catch((error: unknown) => {
        throwIfAborted(signal);
        const code = isTilthError(error) ? error.code : "unknown";
        this.#logger.warn("Overpass:NoStatus", { host: this.#host, code });
        return null;
      });
    if (response === null) return;
    this.#obeyRetryAfter(response);
    const status = response.status === 200 ? parseSlotStatus(Buffer.from(response.body).toString("utf8")) : null;
    // A second more: clocks differ.
    const waitMs = status === null || status.waitMs === 0 ? 0 : (status.waitMs ?? QUOTA_WAIT_MS) + 1000;
    this.#leaveAloneFor(waitMs, `${this.#host} has no free place for this address`);
    await this.#waitForOperator(signal);
    // What it said may be old by then.
    if (waitMs > QUOTA_WAIT_MS && places > 1) await this.#waitForPlace(signal, places - 1);
  }

  async #waitForOperator(signal: AbortSignal | undefined): Promise<void> {
    const waitMs = this.#operator.notBeforeMs - this.#clock.monotonicMs();
    if (waitMs <= 0) return;
    // Somebody else may have been told so.
    if (waitMs > MAX_WAIT_MS) throw this.#closedFor(waitMs);
    if (waitMs > SHORT_MS) this.#options.onWait?.({ host: this.#host, waitMs, why: this.#operator.why });
    await sleep(waitMs, { clock: this.#clock, signal });
  }
}

/** Whether asking again later, or somebody else, may help. */
export function isTransient(error: unknown): boolean {
  if (!isTilthError(error)) return false;
  return ["overpass.busy", "overpass.quota", "http.connect", "http.reset", "http.timeout", "http.truncated"].includes(
    error.code,
  );
}
