import { isTilthError, TilthError } from "../core/index.ts";
import { throwForStatus, type HttpClient, type HttpRequest, type HttpResponse } from "../net/index.ts";
import { inspectTile } from "../raster/index.ts";
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
  if (status === 304) return { kind: "notModified", ...validators };
  throwForStatus(response, { url, secrets: request.secrets });
  const { format } = inspectBody(response);
  return { kind: "tile", data: keptBytes(response, format), format, ...validators };
}

function inspectBody(response: HttpResponse): { format: ReturnType<typeof inspectTile>["format"] } {
  try {
    return inspectTile(response.body);
  } catch (error) {
    const exception = isTilthError(error, "tile.notImage") ? findServiceException(response.body) : null;
    if (exception === null) throw error;
    const message = `the service answered with an exception instead of a tile: ${exception}`;
    throw new TilthError("source.exception", message, { cause: error, fields: { exception } });
  }
}

/** Vector tiles rest gzipped (MBTiles 1.3), so a gzip body is kept as it came over the wire. */
function keptBytes(response: HttpResponse, format: string): Uint8Array<ArrayBuffer> {
  const gzip = response.headers["content-encoding"]?.toLowerCase() === "gzip";
  return format === "mvt" && gzip ? response.wireBody : response.body;
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
