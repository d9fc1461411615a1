import { isTilthError, redactText, TilthError, type ErrorCode, type ErrorFields } from "../core/index.ts";
import { httpError, throwForStatus, type HttpClient, type HttpRequest, type HttpResponse } from "../net/index.ts";
import { inspectTile, type TileInspection } from "../raster/index.ts";
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
  return { kind: "tile", data: keptBytes(response, format), format, ...validators };
}

/** A page that says 'unknown key ABC' shows the key: secrets are cut out of whatever a body says. */
function inspectBody(response: HttpResponse, secrets: readonly string[]): TileInspection {
  try {
    return inspectTile(response.body);
  } catch (error) {
    if (!isTilthError(error, "tile.notImage")) throw error;
    const exception = findServiceException(response.body);
    const message = `the service answered with an exception instead of a tile: ${exception ?? ""}`;
    if (exception !== null) throw bodyError("source.exception", message, { exception }, secrets);
    throw bodyError(error.code, error.message, error.fields, secrets);
  }
}

function bodyError(code: ErrorCode, message: string, fields: ErrorFields, secrets: readonly string[]): TilthError {
  const shown = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? redactText(value, secrets) : value,
  ]);
  return new TilthError(code, redactText(message, secrets), { fields: Object.fromEntries(shown) as ErrorFields });
}

/** Vector tiles rest gzipped (MBTiles 1.3), so a gzip body is kept as it came over the wire; one that was packed twice is unpacked once. */
function keptBytes(response: HttpResponse, format: string): Uint8Array<ArrayBuffer> {
  const gzip = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  const packedTwice = response.body[0] === 0x1f && response.body[1] === 0x8b;
  return format === "mvt" && gzip && !packedTwice ? response.wireBody : response.body;
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
