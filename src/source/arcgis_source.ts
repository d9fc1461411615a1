import { redactText, redactUrl, TilthError } from "../core/index.ts";
import { WEB_MERCATOR_EXTENT_M } from "../crs/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { fetchDocument, getHttpClient } from "../net/index.ts";
import { CACHE_LAYER, parseArcgisJson } from "./capabilities/arcgis.ts";
import { parseJsonObject } from "./capabilities/json_values.ts";
import { matrixSource } from "./capabilities/matrix_source.ts";
import { isUsable, resolveMatrixSet } from "./capabilities/resolve_matrix_set.ts";
import { HttpTileSource } from "./http_source.ts";
import { withQuery } from "./query.ts";
import { resolveAccess, type Access } from "./secrets_from_env.ts";
import { gridOf, makeInfo, type OpenSourceOptions } from "./source_options.ts";
import type { TileSource } from "./tile_source.ts";

const WEB_MERCATOR_WKIDS: ReadonlySet<number> = new Set([3857, 102100, 102113, 900913]);

/** A cache whose levels are those of the web mercator quad. */
export interface ArcgisCache {
  minZoom: number;
  maxZoom: number;
  /** Pixels. */
  tileSize: number;
  /** Number of a level less its zoom: a cache may begin to count at a deeper zoom. */
  levelOffset: number;
}

/** What of a service's description is used. */
export interface ArcgisDescription {
  title: string;
  attribution: string;
  /** Levels of a tiled cache in the web mercator quad; null when tiles must be exported. */
  tiled: ArcgisCache | null;
}

interface ArcgisJson {
  error?: { message?: unknown } | null;
  mapName?: unknown;
  name?: unknown;
  copyrightText?: unknown;
  currentVersion?: unknown;
  singleFusedMapCache?: unknown;
  minLOD?: unknown;
  maxLOD?: unknown;
  tileInfo?: {
    rows?: unknown;
    cols?: unknown;
    format?: unknown;
    spatialReference?: { wkid?: unknown; latestWkid?: unknown };
    origin?: { x?: unknown; y?: unknown };
    lods?: unknown;
  };
}

/** Reads `?f=json` of a MapServer or ImageServer. @param secrets values that no error may show @throws `source.invalid` */
export function parseArcgis(text: string, secrets: readonly string[] = []): ArcgisDescription {
  let json: ArcgisJson;
  try {
    json = (JSON.parse(text) as ArcgisJson | null) ?? {};
  } catch (cause) {
    throw new TilthError("source.invalid", "expected the JSON description of an ArcGIS service, got something else", {
      cause,
    });
  }
  if (json.error) {
    const reason = redactText(String(json.error.message), secrets);
    throw new TilthError("source.invalid", `the ArcGIS service answered with an error: ${reason}`);
  }
  if (json.currentVersion === undefined && json.tileInfo === undefined)
    throw new TilthError("source.invalid", "expected an ArcGIS MapServer or ImageServer, got another document");
  const title = typeof json.mapName === "string" ? json.mapName : typeof json.name === "string" ? json.name : "ArcGIS";
  return {
    title,
    attribution: typeof json.copyrightText === "string" ? json.copyrightText : "",
    // Without a fused cache the levels describe a cache of single layers, which has no /tile operation.
    tiled: json.singleFusedMapCache === false ? null : tiledLevels(json),
  };
}

/** Cap on `?f=json`, bytes; the same as for a TileJSON. */
const MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024;

/** A cache of numbers (LERC) is no cache of images. */
const NOT_IMAGES = /^LERC/i;

/** Levels only when each is one of the web mercator quad, by the same offset; anything else is exported. */
function tiledLevels({ tileInfo, minLOD, maxLOD }: ArcgisJson): ArcgisDescription["tiled"] {
  const { spatialReference, origin, lods, rows, cols, format } = tileInfo ?? {};
  if (NOT_IMAGES.test(String(format))) return null;
  const wkid = Number(spatialReference?.latestWkid ?? spatialReference?.wkid);
  const atOrigin =
    Math.abs(Number(origin?.x) + WEB_MERCATOR_EXTENT_M) < 1 && Math.abs(Number(origin?.y) - WEB_MERCATOR_EXTENT_M) < 1;
  if (!WEB_MERCATOR_WKIDS.has(wkid) || !atOrigin || !Array.isArray(lods) || lods.length === 0) return null;
  const tileSize = Number(rows);
  const levels = (lods as ({ level?: unknown; resolution?: unknown } | null)[]).map((lod) => ({
    level: Number(lod?.level),
    resolution: Number(lod?.resolution),
  }));
  if ((tileSize !== 256 && tileSize !== 512) || Number(cols ?? rows) !== tileSize) return null;
  const zoomOf = (resolution: number): number => Math.log2((2 * WEB_MERCATOR_EXTENT_M) / tileSize / resolution);
  // Plus zero: a rounded rest below zero would be -0.
  const levelOffset = Math.round((levels[0]?.level ?? 0) - zoomOf(levels[0]?.resolution ?? Number.NaN)) + 0;
  const fits = levels.every(
    ({ level, resolution }) => Number.isInteger(level) && Math.abs(zoomOf(resolution) + levelOffset - level) < 1e-4,
  );
  if (!fits) return null;
  // The scheme may name more levels than the cache holds.
  const [low, high] = [Number(minLOD ?? 0), Number(maxLOD ?? Infinity)];
  const held = levels.filter(({ level }) => !(level < low) && !(level > high));
  const zooms = held.map(({ level }) => level - levelOffset).filter((zoom) => zoom >= 0);
  if (zooms.length === 0) return null;
  return { minZoom: Math.min(...zooms), maxZoom: Math.max(...zooms), tileSize, levelOffset };
}

/** Tiles of an ArcGIS service: its cache where there is one, else one export for each tile. @throws `source.invalid`, `http.*` */
export async function arcgisSource(url: string, options: OpenSourceOptions = {}): Promise<TileSource> {
  const access = resolveAccess(url, options);
  const client = options.client ?? getHttpClient();
  const response = await fetchDocument(client, withQuery(access.url, { f: "json" }), {
    headers: access.headers,
    signal: options.signal,
    secrets: access.secrets,
    maxBodyBytes: MAX_DESCRIPTION_BYTES,
  });
  return arcgisSourceAt(url, access, new TextDecoder().decode(response.body), options);
}

/**
 * As `arcgisSource` for a description that is there already. A cache in the web mercator quad is that grid, another one is a grid of its own.
 * @param shown the URL of the service as a person wrote it
 * @param text its `?f=json`
 */
export function arcgisSourceAt(shown: string, access: Access, text: string, options: OpenSourceOptions): TileSource {
  const { title, attribution, tiled } = parseArcgis(text, access.secrets);
  const [base = "", ...rest] = access.url.split("?");
  // What a browser's address bar adds is not for tiles.
  const query = rest.join("?").replace(/(^|&)f=[^&]*(?:&|$)/i, "$1");
  const root = base.replace(/\/$/, "");
  const settings = { ...options, headers: access.headers, secrets: access.secrets };
  if (tiled !== null && (options.grid === undefined || options.grid.id === "WebMercatorQuad")) {
    const info = makeInfo(
      "arcgis",
      shown,
      { ...options, grid: undefined, tileSize: tiled.tileSize },
      { title, attribution, minZoom: tiled.minZoom, maxZoom: tiled.maxZoom },
    );
    const build = ({ z, x, y }: TileCoord): string =>
      `${root}/tile/${z + tiled.levelOffset}/${y}/${x}${query === "" ? "" : `?${query}`}`;
    return new HttpTileSource(info, [base], build, settings);
  }
  return ownGridSource(shown, access, text, options) ?? exportSource(shown, access, { title, attribution }, settings);
}

/** A cache in a grid of its own; null when there is none, its CRS is not known, or another grid or a layer is wished. */
function ownGridSource(shown: string, access: Access, text: string, options: OpenSourceOptions): TileSource | null {
  if (options.grid !== undefined || (options.layer ?? CACHE_LAYER) !== CACHE_LAYER) return null;
  const description = parseArcgisJson(parseJsonObject(text), access.url);
  const [set] = description.matrixSets;
  if (set === undefined || !isUsable(resolveMatrixSet(set))) return null;
  return matrixSource(description, { access }, { ...options, layer: CACHE_LAYER }, redactUrl(shown));
}

function exportSource(
  shown: string,
  access: Access,
  known: { title: string; attribution: string },
  settings: OpenSourceOptions & { secrets: readonly string[] },
): TileSource {
  // Names that stand for the whole service in its description.
  const layer = settings.layer === CACHE_LAYER || settings.layer === "export" ? undefined : settings.layer;
  const info = makeInfo("arcgis", shown, settings, { ...known, anyGrid: true });
  const [base = ""] = access.url.split("?");
  return new HttpTileSource(info, [base], exportUrl(access.url, { ...settings, layer }), settings);
}

function exportUrl(url: string, options: OpenSourceOptions): (tile: TileCoord) => string {
  const grid = gridOf(options);
  const [base = "", query = ""] = url.split("?");
  const root = base.replace(/\/$/, "");
  const sr = grid.crs.code === "OGC:CRS84" ? "4326" : grid.crs.code.replace(/^\w+:/, "");
  const operation = /\/ImageServer$/i.test(root) ? "exportImage" : "export";
  const matrix = grid.getMatrix(0);
  const fixed = withQuery(`${root}/${operation}${query === "" ? "" : `?${query}`}`, {
    bboxSR: sr,
    imageSR: sr,
    size: `${matrix.tileWidth},${matrix.tileHeight}`,
    format: options.format ?? "png32",
    transparent: "true",
    f: "image",
    ...(options.layer === undefined ? {} : { layers: `show:${options.layer}` }),
    ...options.dimensions,
  });
  return (tile) => withQuery(fixed, { bbox: grid.tileToBbox(tile).join(",") });
}
