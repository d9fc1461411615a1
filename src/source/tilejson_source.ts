import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { isTilthError, messageOf, redactUrl, TilthError } from "../core/index.ts";
import type { LonLatBbox } from "../geo/index.ts";
import { fetchDocument, getHttpClient } from "../net/index.ts";
import { resolveAccess, type Access } from "./secrets_from_env.ts";
import type { OpenSourceOptions } from "./source_options.ts";
import { templatesSource } from "./template_source.ts";
import { MAX_MIRRORS } from "./url_template.ts";
import type { TileSource } from "./tile_source.ts";

/** What of a TileJSON 2 or 3 document is used. */
export interface TileJson {
  tiles: string[];
  tms: boolean;
  minZoom: number;
  maxZoom: number;
  bounds: LonLatBbox | null;
  title: string;
  attribution: string;
}

/** Cap on a TileJSON file, bytes; vector layers make them large, not this large. */
const MAX_TILEJSON_BYTES = 16 * 1024 * 1024;

/** @param base URL against which relative tile URLs are read @throws `source.invalid` */
export function parseTileJson(text: string, base: string): TileJson {
  let json: Record<string, unknown>;
  try {
    json = (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch (cause) {
    throw invalid("expected a TileJSON document, got text that is not JSON", cause);
  }
  const { tiles, scheme, minzoom = 0, maxzoom = 30, bounds, name, attribution } = json;
  const urls = Array.isArray(tiles) ? tiles.filter((url): url is string => typeof url === "string") : [];
  if (urls.length === 0) throw invalid("expected TileJSON with `tiles`, got none");
  if (urls.length > MAX_MIRRORS)
    throw invalid(`expected at most ${MAX_MIRRORS} mirrors in \`tiles\`, got ${urls.length}`);
  const zooms = [minzoom, maxzoom].map(Number);
  const [minZoom = 0, maxZoom = 0] = zooms;
  if (!zooms.every((zoom) => Number.isInteger(zoom) && zoom >= 0 && zoom <= 30) || minZoom > maxZoom) {
    throw invalid(
      `expected zooms within 0-30 in the TileJSON, got minzoom ${String(minzoom)}, maxzoom ${String(maxzoom)}`,
    );
  }
  return {
    tiles: urls.map((url) => absoluteUrl(url, base)),
    tms: scheme === "tms",
    minZoom,
    maxZoom,
    bounds: readBounds(bounds),
    title: typeof name === "string" ? name : "",
    attribution: typeof attribution === "string" ? attribution : "",
  };
}

/** `URL` would percent-encode the braces of placeholders. */
function absoluteUrl(url: string, base: string): string {
  if (/^https?:\/\//i.test(url)) return url;
  const resolved = URL.parse(url, base);
  if (resolved === null || !/^https?:$/.test(resolved.protocol))
    throw invalid(`expected http URLs of tiles in the TileJSON, got '${url.slice(0, 80)}'`);
  return resolved.href.replaceAll("%7B", "{").replaceAll("%7D", "}");
}

function readBounds(value: unknown): LonLatBbox | null {
  if (!Array.isArray(value) || value.length !== 4) return null;
  const [west = Number.NaN, south = Number.NaN, east = Number.NaN, north = Number.NaN] = value.map(Number);
  return [west, south, east, north].every(Number.isFinite) ? [west, south, east, north] : null;
}

/** A TileJSON document by URL or by path. @throws `source.invalid`, `http.*` */
export async function tileJsonSource(spec: string, options: OpenSourceOptions = {}): Promise<TileSource> {
  const remote = /^https?:\/\//i.test(spec);
  // Keys of the environment go into what the user wrote, never into what a server wrote: it could ask for any of them.
  const access = resolveAccess(remote ? spec : "", options);
  const json = remote ? await fetchTileJson(access, options) : await readTileJson(spec);
  return tileJsonSourceAt(json, access, options);
}

/** As `tileJsonSource` for a document that is there already. @param access to where it came from; its `url` is empty for a file */
export function tileJsonSourceAt(json: TileJson, access: Access, options: OpenSourceOptions = {}): TileSource {
  const { tiles, tms, minZoom, maxZoom, bounds, title, attribution } = json;
  const id = redactUrl(tiles[0] ?? "", access.secrets);
  const known = { kind: "tilejson", id, minZoom, maxZoom, bounds, title: title || undefined, attribution };
  const settings = { ...options, tms: options.tms ?? tms };
  return templatesSource(tiles, settings, known, access);
}

async function fetchTileJson(access: Access, options: OpenSourceOptions): Promise<TileJson> {
  const client = options.client ?? getHttpClient();
  const request = {
    headers: access.headers,
    signal: options.signal,
    maxBodyBytes: MAX_TILEJSON_BYTES,
    secrets: access.secrets,
  };
  const response = await fetchDocument(client, access.url, request);
  return parseTileJson(new TextDecoder().decode(response.body), response.url);
}

async function readTileJson(path: string): Promise<TileJson> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_TILEJSON_BYTES)
      throw invalid(`expected at most ${MAX_TILEJSON_BYTES} bytes of TileJSON, got ${size}`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (isTilthError(cause)) throw cause;
    throw invalid(`the TileJSON ${path} cannot be read: ${messageOf(cause)}`, cause);
  }
  return parseTileJson(text, pathToFileURL(path).href);
}

function invalid(message: string, cause?: unknown): TilthError {
  return new TilthError("source.invalid", message, { cause });
}
