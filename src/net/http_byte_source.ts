import { abortable, memoryByteSource, redactUrl, throwIfAborted, TilthError, type ByteSource } from "../core/index.ts";
import { throwForStatus } from "./fetch_document.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http_client.ts";
import { httpError } from "./http_errors.ts";
import { withRetry, type RetryOptions } from "./retry_loop.ts";

export interface HttpByteSourceOptions extends Pick<RetryOptions, "clock" | "random" | "policy"> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Read at once when a file is opened, and kept: the header of a COG, and nearly always all of its directories. */
const HEAD_BYTES = 64 * 1024;

/** One request asks for so much at the most. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

/** A file of at most so much may come as a whole from a host that knows no ranges. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;

/**
 * A file at an address as bytes at any place, by HTTP ranges (RFC 9110, 14), with the retries and limits of its host. A small file from a host without ranges is
 * held whole. A file that changes while it is read is an error, never a mixture.
 * @throws `http.noRanges`, `http.changed` (also when reading), and all that `HttpClient.request` throws
 */
export async function openHttpSource(
  client: HttpClient,
  url: string,
  options: HttpByteSourceOptions = {},
): Promise<ByteSource> {
  const name = redactUrl(url, options.secrets);
  const opening = { ...options, rangeOnly: false };
  const first = await fetchRange(client, url, 0, HEAD_BYTES, opening).catch((error: unknown) => {
    throw isTooLarge(error) ? noRanges(url, options, error) : error;
  });
  if (first.status === 200) return memoryByteSource(first.body, name);
  const { total } = rangeOf(first, url, options.secrets);
  return new HttpByteSource(client, url, { ...options, name, total, first });
}

interface Opened extends HttpByteSourceOptions {
  readonly name: string;
  readonly total: number;
  readonly first: HttpResponse;
}

class HttpByteSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #options: HttpByteSourceOptions;
  readonly #head: Uint8Array<ArrayBuffer>;
  readonly #version: string | null;
  readonly #closing = new AbortController();

  constructor(client: HttpClient, url: string, { name, total, first, ...options }: Opened) {
    [this.#client, this.#url, this.#options] = [client, url, options];
    [this.name, this.sizeBytes] = [name, total];
    this.#head = first.body;
    this.#version = versionOf(first);
  }

  async read(
    offset: number,
    length: number,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    throwIfAborted(signal);
    throwIfAborted(this.#closing.signal);
    const end = Math.min(this.sizeBytes, offset + length);
    if (offset >= end) return new Uint8Array(0);
    if (end <= this.#head.length) return this.#head.slice(offset, end);
    const bytes = new Uint8Array(end - offset);
    for (let from = offset; from < end; from += MAX_REQUEST_BYTES) {
      const part = await this.#fetch(from, Math.min(MAX_REQUEST_BYTES, end - from), signal);
      bytes.set(part, from - offset);
    }
    return bytes;
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async #fetch(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const either = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const asked = { ...this.#options, signal: either, rangeOnly: true };
    const response = await abortable(fetchRange(this.#client, this.#url, offset, length, asked), either);
    const { total } = rangeOf(response, this.#url, this.#options.secrets);
    if (total === this.sizeBytes && versionOf(response) === this.#version) return response.body;
    const message = "the file is not the one any more that was opened: open it again";
    throw httpError("http.changed", message, { url: this.#url, secrets: this.#options.secrets });
  }
}

/** @param rangeOnly an answer with the whole file is no answer: its body is not waited for */
async function fetchRange(
  client: HttpClient,
  url: string,
  offset: number,
  length: number,
  { rangeOnly, ...options }: HttpByteSourceOptions & { rangeOnly: boolean },
): Promise<HttpResponse> {
  const host = client.hosts.get(new URL(url).host);
  // Encoded bytes would be a range of something else than the file.
  const headers = {
    ...options.headers,
    range: `bytes=${offset}-${offset + length - 1}`,
    "accept-encoding": "identity",
  };
  const request: HttpRequest = {
    headers,
    secrets: options.secrets,
    signal: options.signal,
    maxBodyBytes: rangeOnly ? length : MAX_WHOLE_BYTES,
  };
  const attempt = async (): Promise<HttpResponse> => {
    const response = await client.request(url, request);
    throwForStatus(response, { url, secrets: options.secrets });
    if (response.status === 200 && rangeOnly) throw noRanges(url, options);
    if (response.status === 206) requireRange(response, url, options.secrets, offset, length);
    return response;
  };
  return withRetry(host, attempt, options).catch((error: unknown) => {
    throw rangeOnly && isTooLarge(error) ? noRanges(url, options, error) : error;
  });
}

const isTooLarge = (error: unknown): boolean => error instanceof TilthError && error.code === "http.tooLarge";

function noRanges(url: string, { secrets }: HttpByteSourceOptions, cause?: unknown): TilthError {
  const message = "expected a host that answers with parts of a file, got one that sends it whole: download the file";
  return httpError("http.noRanges", message, { url, secrets, cause });
}

/** The tag of the file's version, or its date; null when the host says neither. */
function versionOf({ headers }: HttpResponse): string | null {
  return headers["etag"] ?? headers["last-modified"] ?? null;
}

interface ContentRange {
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

function rangeOf({ headers }: HttpResponse, url: string, secrets: readonly string[] | undefined): ContentRange {
  const text = headers["content-range"] ?? "";
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(text.trim());
  if (match !== null) return { from: Number(match[1]), to: Number(match[2]), total: Number(match[3]) };
  const message = `expected Content-Range: bytes A-B/SIZE, got '${text.slice(0, 60)}'`;
  throw httpError("http.protocol", message, { url, secrets, fields: { retryable: false } });
}

/** The part that was asked for, up to the end of the file. */
function requireRange(
  response: HttpResponse,
  url: string,
  secrets: readonly string[] | undefined,
  offset: number,
  length: number,
): void {
  const { from, to, total } = rangeOf(response, url, secrets);
  const wanted = Math.min(total, offset + length) - 1;
  if (from === offset && to === wanted && response.body.length === to - from + 1) return;
  const got = `${from}-${to} with ${response.body.length} bytes`;
  throw httpError("http.protocol", `expected bytes ${offset}-${wanted}, got ${got}`, { url, secrets });
}
