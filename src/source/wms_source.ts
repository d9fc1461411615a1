import { TilthError } from "../core/index.ts";
import { findCrs } from "../crs/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { HttpTileSource } from "./http_source.ts";
import { queryValue, withQuery } from "./query.ts";
import { resolveAccess, type Access } from "./secrets_from_env.ts";
import { makeInfo, mimeTypeOf, type OpenSourceOptions } from "./source_options.ts";
import type { SourceInfo, TileSource } from "./tile_source.ts";

/**
 * WMS GetMap, one request for each tile. Version 1.3.0 (OGC 06-042, 6.7.3) writes boxes in the axis order of the CRS: EPSG:4326 is
 * lat,lon and CRS:84 is lon,lat; 1.1.1 always writes x,y.
 * @throws `source.invalid` without a layer, or for another version
 */
export function wmsSource(url: string, options: OpenSourceOptions = {}): TileSource {
  return wmsSourceAt(url, resolveAccess(url, options), options);
}

/**
 * As `wmsSource`, for a URL whose access is known already (a description names it).
 * @param shown the URL without secrets
 * @param known what a description says of the layers
 */
export function wmsSourceAt(
  shown: string,
  { url: base, headers, secrets }: Access,
  options: OpenSourceOptions,
  known: Partial<SourceInfo> = {},
): TileSource {
  const layers = options.layer ?? queryValue(shown, "layers");
  if (layers === null)
    throw new TilthError(
      "source.invalid",
      "expected --layer NAME for a WMS, got none; add request=GetCapabilities to the URL, or ask `tilth sources show URL` for its layers",
    );
  const version = options.version ?? queryValue(shown, "version") ?? "1.3.0";
  if (version !== "1.1.1" && version !== "1.3.0")
    throw new TilthError("source.invalid", `expected WMS version 1.1.1 or 1.3.0, got '${version}'`);
  const style = options.style ?? queryValue(shown, "styles") ?? "";
  const dimensions = wmsDimensions(options.dimensions ?? {});
  // All that makes other tiles is part of the id, so that two of them never share an archive.
  const chosen = withQuery(shown, { VERSION: version, LAYERS: layers, STYLES: style, ...dimensions });
  const info = makeInfo("wms", chosen, options, { title: layers, anyGrid: true, ...known });
  const crs = wmsCrs(info.grid.crs.code, version, queryValue(shown, version === "1.3.0" ? "crs" : "srs"));
  const flipped = version === "1.3.0" && findCrs(crs)?.axisOrder === "yx";
  const matrix = info.grid.getMatrix(info.minZoom);
  const fixed = withQuery(base, {
    SERVICE: "WMS",
    VERSION: version,
    REQUEST: "GetMap",
    LAYERS: layers,
    STYLES: style,
    FORMAT: mimeTypeOf(options.format, queryValue(shown, "format") ?? "image/png"),
    TRANSPARENT: queryValue(shown, "transparent") ?? "TRUE",
    [version === "1.3.0" ? "CRS" : "SRS"]: crs,
    WIDTH: String(matrix.tileWidth),
    HEIGHT: String(matrix.tileHeight),
    ...dimensions,
  });
  const build = (tile: TileCoord): string => {
    const [minX, minY, maxX, maxY] = info.grid.tileToBbox(tile);
    const box = flipped ? [minY, minX, maxY, maxX] : [minX, minY, maxX, maxY];
    return withQuery(fixed, { BBOX: box.join(",") });
  };
  return new HttpTileSource(info, [base], build, { ...options, headers, secrets });
}

/** Code as the version writes it; what the URL asks for counts when it means the same system. */
function wmsCrs(code: string, version: string, asked: string | null): string {
  const wanted = asked === null ? null : findCrs(asked);
  const geographic = code === "OGC:CRS84" || code === "EPSG:4326";
  if (!geographic) return asked !== null && wanted?.code === code ? asked : code;
  if (version === "1.1.1") return "EPSG:4326";
  return asked !== null && wanted?.code === "EPSG:4326" ? "EPSG:4326" : "CRS:84";
}

/** Dimensions other than time and elevation are sent with the prefix DIM_ (OGC 06-042, C.3.2). */
function wmsDimensions(values: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(values).map(([name, value]) => {
    const upper = name.toUpperCase();
    return [/^(?:TIME|ELEVATION|DIM_.*)$/.test(upper) ? upper : `DIM_${upper}`, value];
  });
  return Object.fromEntries(named) as Record<string, string>;
}
