import { TilthError } from "../core/index.ts";
import type { TileCoord } from "../grid/index.ts";
import { HttpTileSource } from "./http_source.ts";
import { queryValue, withQuery } from "./query.ts";
import { resolveAccess } from "./secrets_from_env.ts";
import { makeInfo, mimeTypeOf, splitMatrixSet, type OpenSourceOptions } from "./source_options.ts";
import type { TileSource } from "./tile_source.ts";

/**
 * WMTS 1.0.0 by key-value pairs (OGC 07-057r7, 8.2.2). Matrices are named by the grid's ids; a matrix set such as `EPSG:3857` with
 * matrices `EPSG:3857:5` is told by a prefix: `--matrix-set 'EPSG:3857#EPSG:3857:'`.
 * @throws `source.invalid` without a layer
 */
export function wmtsSource(url: string, options: OpenSourceOptions = {}): TileSource {
  const layer = options.layer ?? queryValue(url, "layer");
  if (layer === null)
    throw new TilthError(
      "source.invalid",
      "expected --layer NAME for a WMTS, got none; its GetCapabilities lists them",
    );
  const named = options.matrixSet ?? queryValue(url, "tilematrixset") ?? "WebMercatorQuad";
  const { matrixSet, matrixPrefix } = splitMatrixSet(named);
  const style = options.style ?? queryValue(url, "style") ?? "";
  const asked = { LAYER: layer, STYLE: style, TILEMATRIXSET: matrixSet, ...options.dimensions };
  // All that makes other tiles is part of the id, so that two of them never share an archive.
  const shown = withQuery(url, asked);
  const info = makeInfo("wmts", shown, options, { title: layer });
  const { url: base, headers, secrets } = resolveAccess(url, options);
  const fixed = withQuery(base, {
    SERVICE: "WMTS",
    VERSION: "1.0.0",
    REQUEST: "GetTile",
    LAYER: layer,
    STYLE: style,
    FORMAT: mimeTypeOf(options.format, queryValue(url, "format") ?? "image/png"),
    TILEMATRIXSET: matrixSet,
    ...options.dimensions,
  });
  const build = (tile: TileCoord): string => {
    const matrix = info.grid.getMatrix(tile.z);
    return withQuery(fixed, {
      TILEMATRIX: `${matrixPrefix}${matrix.id}`,
      TILEROW: String(tile.y),
      TILECOL: String(tile.x),
    });
  };
  return new HttpTileSource(info, [base], build, { ...options, headers, secrets });
}
