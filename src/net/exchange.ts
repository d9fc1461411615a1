import type { Dispatcher } from "undici";
import type { Clock, TilthError } from "../core/index.ts";
import { fromTransportError, httpError } from "./http_errors.ts";

/** Limits of one attempt. */
export interface AttemptLimits {
  /** From the request to the whole body, ms. */
  timeoutMs: number;
  /** From the request to the status line and headers, ms. */
  headersTimeoutMs: number;
  /** Floor on the body's speed, bytes a second over any `SLOW_WINDOW_MS`. */
  minBytesPerSecond: number;
  /** Cap on body bytes as they come over the wire. */
  maxBodyBytes: number;
}

/** Time over which the body's speed is measured, ms. */
export const SLOW_WINDOW_MS = 5_000;

/** An answer with any status; `body` as it came over the wire (still content-encoded). */
export interface RawResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array<ArrayBuffer>;
}

/**
 * One request and its answer, as undici's dispatch handler: chunks are gathered, and joined at the end unless one is the whole
 * body, as a tile over a fast network is (a copy less is also a third less for the garbage collector to do).
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #place: { url: string; secrets: readonly string[] | undefined };
  readonly result: Promise<RawResponse>;
  readonly #limits: AttemptLimits;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #resolve!: (response: RawResponse) => void;
  #reject!: (error: Error) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #abortReason: Error | null = null;
  #status = 0;
  #headers: RawResponse["headers"] = {};
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #expectedBytes: number | null = null;
  #windowStartMs = 0;
  #windowBytes = 0;
  #settled = false;

  /** @param secrets values that no error may show */
  constructor(url: string, limits: AttemptLimits, clock: Clock, secrets?: readonly string[]) {
    this.#place = { url, secrets };
    this.#limits = limits;
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** True while no byte of an answer has come. */
  get untouched(): boolean {
    return this.#status === 0 && this.#receivedBytes === 0;
  }

  /** Of the body, as it came over the wire. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Ends the exchange now; the result rejects with `error` at once, whatever the socket does. */
  abort(error: Error): void {
    if (this.#settled) return;
    this.#abortReason = error;
    this.#fail(error);
    this.#controller?.abort(error);
  }

  /** Called now and then by the client: enforces the time limits. */
  checkTime(nowMs: number): void {
    const { timeoutMs, headersTimeoutMs, minBytesPerSecond } = this.#limits;
    const elapsed = nowMs - this.#startedMs;
    if (elapsed > timeoutMs)
      return this.abort(this.#timeout(`expected the whole answer within ${timeoutMs} ms`, timeoutMs));
    if (this.#status === 0) {
      if (elapsed > headersTimeoutMs)
        this.abort(this.#timeout(`expected an answer to begin within ${headersTimeoutMs} ms`, headersTimeoutMs));
      return;
    }
    const windowMs = nowMs - this.#windowStartMs;
    if (windowMs < SLOW_WINDOW_MS) return;
    const rate = Math.round((this.#windowBytes * 1000) / windowMs);
    if (rate < minBytesPerSecond) this.abort(this.#slow(rate, minBytesPerSecond));
    this.#windowStartMs = nowMs;
    this.#windowBytes = 0;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortReason !== null) controller.abort(this.#abortReason);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawResponse["headers"]): void {
    // A 1xx (early hints) is not the answer yet.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#windowStartMs = this.#clock.monotonicMs();
    const length = headers["content-length"];
    this.#expectedBytes = typeof length === "string" && /^\d+$/.test(length) ? Number(length) : null;
    if (this.#expectedBytes !== null && this.#expectedBytes > this.#limits.maxBodyBytes)
      this.abort(this.#tooLarge(this.#expectedBytes));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#receivedBytes += chunk.length;
    this.#windowBytes += chunk.length;
    if (this.#receivedBytes > this.#limits.maxBodyBytes) return this.abort(this.#tooLarge(this.#receivedBytes));
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#joinChunks() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const received = { bytes: this.#receivedBytes, expected: this.#expectedBytes };
    this.#fail(this.#abortReason ?? fromTransportError(error, this.#place, received));
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#chunks = [];
    this.#reject(error);
  }

  #joinChunks(): Uint8Array<ArrayBuffer> {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined && isMostOfItsBuffer(first)) {
      this.#chunks = [];
      return new Uint8Array(first.buffer as ArrayBuffer, first.byteOffset, first.byteLength);
    }
    // Not zero-filled: every byte is written below.
    const body = new Uint8Array(Buffer.allocUnsafeSlow(this.#receivedBytes).buffer);
    let offset = 0;
    for (const chunk of this.#chunks) {
      body.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [];
    return body;
  }

  #timeout(message: string, timeoutMs: number): TilthError {
    return httpError("http.timeout", message, { ...this.#place, fields: { timeoutMs } });
  }

  #slow(rate: number, floor: number): TilthError {
    const message = `expected at least ${floor} bytes/s, got ${rate} over ${SLOW_WINDOW_MS} ms`;
    return httpError("http.slow", message, { ...this.#place, fields: { bytesPerSecond: rate } });
  }

  #tooLarge(bytes: number): TilthError {
    const { maxBodyBytes } = this.#limits;
    return httpError("http.tooLarge", `expected at most ${maxBodyBytes} bytes, got ${bytes} or more`, {
      ...this.#place,
      fields: { maxBodyBytes },
    });
  }
}

/** Bytes that a body may keep alive besides its own: the headers that came in the same read. */
const MAX_EXTRA_BYTES = 4096;

/** Else a few bytes would hold a whole read buffer of 64 KiB, and nobody who counts bodies would know. */
function isMostOfItsBuffer(chunk: Buffer): boolean {
  return chunk.buffer.byteLength - chunk.byteLength <= MAX_EXTRA_BYTES;
}
