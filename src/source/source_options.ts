import { redactUrl } from "../core/index.ts";
import { webMercatorQuad, type TileMatrixSet } from "../grid/index.ts";
import type { LonLatBbox } from "../geo/index.ts";
import type { HttpSourceOptions } from "./http_source.ts";
import type { AccessOptions } from "./secrets_from_env.ts";
import type { BulkPolicy, SourceInfo } from "./tile_source.ts";

/** Everything that any kind of source may be told; each kind ignores what it does not know. */
export interface OpenSourceOptions extends Omit<HttpSourceOptions, "secrets">, AccessOptions {
  /** Layer of a service; several as `a,b` for WMS. */
  layer?: string;
  style?: string;
  /** Identifier of the service's tile matrix set (WMTS); `SET#PREFIX` when its matrices have a prefix: `EPSG:3857#EPSG:3857:`. */
  matrixSet?: string;
  /** Version to ask for (WMS 1.1.1 or 1.3.0). @default what the URL says, else 1.3.0 */
  version?: string;
  /** Dimensions of the service: time, elevation ... */
  dimensions?: Readonly<Record<string, string>>;
  /** @default WebMercatorQuad with `tileSize` pixels */
  grid?: TileMatrixSet;
  /** Pixels of a tile: 256 or 512. @default 256 */
  tileSize?: number;
  minZoom?: number;
  maxZoom?: number;
  /** Values of `{s}`. @default a, b, c */
  subdomains?: readonly string[];
  /** Rows of the URL count from the bottom. */
  tms?: boolean;
  /** Image format to ask for: `png`, `jpeg`, `webp`, or a MIME type. */
  format?: string;
  title?: string;
  attribution?: string;
  bounds?: LonLatBbox;
  bulk?: BulkPolicy;
  termsUrl?: string;
  signal?: AbortSignal;
}

/** Deepest zoom that is assumed of a source that does not say. */
const DEFAULT_MAX_ZOOM = 22;

export function gridOf(options: OpenSourceOptions): TileMatrixSet {
  return options.grid ?? webMercatorQuad(options.tileSize ?? 256);
}

/** A complete description from the options and what the kind knows by itself. @param shown the URL as a person wrote it */
export function makeInfo(
  kind: string,
  shown: string,
  options: OpenSourceOptions,
  known: Partial<SourceInfo> = {},
): SourceInfo {
  const grid = known.grid ?? gridOf(options);
  const id = known.id ?? redactUrl(shown);
  return {
    id,
    kind,
    title: options.title ?? known.title ?? titleOf(id),
    attribution: options.attribution ?? known.attribution ?? "",
    grid,
    minZoom: options.minZoom ?? known.minZoom ?? 0,
    maxZoom: Math.min(grid.maxZ, options.maxZoom ?? known.maxZoom ?? DEFAULT_MAX_ZOOM),
    bounds: options.bounds ?? known.bounds ?? null,
    ...(known.anyGrid === true ? { anyGrid: true } : {}),
    format: known.format ?? null,
    bulk: options.bulk ?? known.bulk ?? "unknown",
    termsUrl: options.termsUrl ?? known.termsUrl ?? null,
  };
}

function titleOf(id: string): string {
  return /^https?:\/\/([^/?#]+)/i.exec(id)?.[1] ?? id;
}

/** The matrix set as the service names it, and what it writes before each matrix's id. */
export function splitMatrixSet(text: string): { matrixSet: string; matrixPrefix: string } {
  const [matrixSet = "", matrixPrefix = ""] = text.split("#");
  return { matrixSet, matrixPrefix };
}

/** MIME type of an image format as services want it. */
export function mimeTypeOf(format: string | undefined, fallback: string): string {
  if (format === undefined) return fallback;
  return format.includes("/") ? format : `image/${format === "jpg" ? "jpeg" : format}`;
}
