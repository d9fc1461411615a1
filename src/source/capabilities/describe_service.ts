import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isTilthError, messageOf, redactUrl, TilthError } from "../../core/index.ts";
import { fetchDocument, getHttpClient } from "../../net/index.ts";
import { queryValue, withQuery } from "../query.ts";
import { resolveAccess, type Access } from "../secrets_from_env.ts";
import type { OpenSourceOptions } from "../source_options.ts";
import type { ServicePlace } from "./link_access.ts";
import { parseServiceDescription } from "./parse_service.ts";
import type { ServiceDescription } from "./service_description.ts";
import { MAX_DESCRIPTION_BYTES, requireDescriptionSize } from "./xml_text.ts";

/** A description and where it came from. */
export interface DescribedService {
  readonly description: ServiceDescription;
  readonly place: ServicePlace;
  /** The document itself, and the URL that it came from in the end ("" for a file). */
  readonly bytes: Uint8Array;
  readonly base: string;
}

export const isHttpUrl = (spec: string): boolean => /^https?:\/\//i.test(spec);

/**
 * What a service says of itself, by URL or by file. A WMS or WMTS URL may leave out `request=GetCapabilities`, that of an ArcGIS service `f=json`.
 * @throws `source.invalid`, `source.exception`, `http.*`
 */
export async function describeService(spec: string, options: OpenSourceOptions = {}): Promise<DescribedService> {
  if (!isHttpUrl(spec)) return describeFile(spec, options);
  return describeAt(resolveAccess(asDescriptionUrl(spec), options), options);
}

/** As `describeService` for a URL whose access is known. */
export async function describeAt(access: Access, options: OpenSourceOptions): Promise<DescribedService> {
  if (URL.parse(access.url) === null)
    throw new TilthError(
      "source.invalid",
      `expected the URL of a service, got '${redactUrl(access.url, access.secrets)}'`,
    );
  const response = await fetchDocument(options.client ?? getHttpClient(), access.url, {
    headers: access.headers,
    signal: options.signal,
    secrets: access.secrets,
    timeoutMs: options.timeoutMs,
    maxBodyBytes: MAX_DESCRIPTION_BYTES,
  });
  const description = parseServiceDescription(response.body, { base: response.url, secrets: access.secrets });
  return { description, place: { access }, bytes: response.body, base: response.url };
}

async function describeFile(spec: string, options: OpenSourceOptions): Promise<DescribedService> {
  let bytes: Uint8Array;
  try {
    const path = spec.startsWith("file://") ? fileURLToPath(spec) : spec;
    requireDescriptionSize((await stat(path)).size);
    bytes = await readFile(path, { signal: options.signal });
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw new TilthError("source.invalid", `the description ${spec} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const description = parseServiceDescription(bytes);
  return { description, place: { access: resolveAccess("", options) }, bytes, base: "" };
}

/** Paths that servers give their WMTS and WMS: `.../wmts`, `.../wms`. */
const SERVICE_PATH = /\/(wmts|wms)\/?$/i;

/** What a person leaves out of the URL of a service. */
export function asDescriptionUrl(url: string): string {
  const path = url.split(/[?#]/)[0] ?? "";
  if (/\/(?:map|image)server\/?$/i.test(path)) return withQuery(url, { f: "json" });
  const service = (queryValue(url, "service") ?? SERVICE_PATH.exec(path)?.[1])?.toUpperCase();
  if (service !== "WMS" && service !== "WMTS") return url;
  return withQuery(url, { SERVICE: service, REQUEST: "GetCapabilities" });
}
