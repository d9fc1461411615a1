import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { isTilthError, redactText, TilthError } from "../core/index.ts";
import { httpError, throwForStatus, type HttpClient, type HttpRequest, type HttpResponse } from "../net/index.ts";
import { inspectTile, notATile, type TileInspection } from "../raster/index.ts";
import { findServiceException } from "./service_exception.ts";
import type { FetchTileOptions, SourceTile } from "./tile_source.ts";

/** Statuses that mean 'there is no tile here', for good. */
const EMPTY_STATUS: ReadonlySet<number> = new Set([204, 404, 410]);

/** Longest validator that is kept, characters; a longer one is as good as none. */
const MAX_VALIDATOR_LENGTH = 512;

/**
 * One attempt to get one tile over HTTP: status, body and structure are checked.
 * @throws `http.*`, `tile.notImage` (e.g. an error page with status 200), `tile.empty`, `tile.truncated`, `source.exception`
 */
export async function fetchHttpTile(
  client: HttpClient,
  url: string,
  request: HttpRequest,
  options: FetchTileOptions = {},
): Promise<SourceTile> {
  const conditions = conditionHeaders(options);
  const response = await client.request(url, {
    ...request,
    headers: { ...request.headers, ...conditions },
    signal: options.signal,
  });
  const { status, headers } = response;
  if (EMPTY_STATUS.has(status)) return { kind: "empty" };
  const validators = { etag: shortOrNull(headers["etag"]), lastModified: shortOrNull(headers["last-modified"]) };
  if (status === 304 && Object.keys(conditions).length > 0) return { kind: "notModified", ...validators };
  if (status === 304)
    throw httpError("http.status", "got 304 (not modified) without having a tile", {
      url,
      secrets: request.secrets,
      status,
    });
  throwForStatus(response, { url, secrets: request.secrets });
  const { format } = inspectBody(response, request.secrets ?? []);
  if (format === "mvt" && isPacked(response.body)) await checkPacked(response.body);
  return { kind: "tile", data: keptBytes(response, format), format, ...validators };
}

/** A page that says 'unknown key ABC' shows the key: secrets are cut out of whatever a body says. */
function inspectBody(response: HttpResponse, secrets: readonly string[]): TileInspection {
  try {
    return inspectTile(response.body);
  } catch (error) {
    if (!isTilthError(error, "tile.notImage")) throw error;
    const start = shownStart(response.body, secrets);
    const exception = findServiceException(start);
    if (exception === null) throw notATile(start, error.code, response.body.length);
    const message = `the service answered with an exception instead of a tile: ${exception}`;
    throw new TilthError("source.exception", message, { fields: { exception } });
  }
}

/** Beginning of a body from which messages are cut, bytes: more than any of them shows. */
const START_BYTES = 8192;

/** Without secrets, before anything is cut to its length: half a key would not be recognized any more. */
function shownStart(body: Uint8Array, secrets: readonly string[]): Uint8Array {
  const start = body.subarray(0, START_BYTES);
  return secrets.length === 0 ? start : new TextEncoder().encode(redactText(new TextDecoder().decode(start), secrets));
}

/** Cap on a vector tile once it is unpacked, bytes. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

const isPacked = (body: Uint8Array): boolean => body[0] === 0x1f && body[1] === 0x8b;

/** The checksum at its end tells a packed tile that is whole; it is unpacked on zlib's threads and thrown away. */
async function checkPacked(body: Uint8Array): Promise<void> {
  try {
    await promisify(gunzip)(body, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    const message = `expected a whole gzip tile, got ${body.length} bytes that do not unpack`;
    throw new TilthError("tile.truncated", message, { cause, fields: { format: "mvt", sizeBytes: body.length } });
  }
}

/** Vector tiles rest gzipped (MBTiles 1.3), so a gzip body is kept as it came over the wire; one that was packed twice is unpacked once. */
function keptBytes(response: HttpResponse, format: string): Uint8Array<ArrayBuffer> {
  const gzip = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  return format === "mvt" && gzip && !isPacked(response.body) ? response.wireBody : response.body;
}

function conditionHeaders(options: FetchTileOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  if (options.etag) headers["if-none-match"] = options.etag;
  if (options.lastModified) headers["if-modified-since"] = options.lastModified;
  return headers;
}

function shortOrNull(value: string | undefined): string | null {
  return value === undefined || value.length > MAX_VALIDATOR_LENGTH ? null : value;
}
