import { redactUrl, TilthError } from "../../core/index.ts";
import { bboxUnion, type LonLatBbox } from "../../geo/index.ts";
import { findGrid, listGrids, type TileMatrixSet } from "../../grid/index.ts";
import { withQuery } from "../query.ts";
import { gridOf, type OpenSourceOptions } from "../source_options.ts";
import type { TileSource } from "../tile_source.ts";
import { wmsSourceAt } from "../wms_source.ts";
import { chooseDimensions, chooseFormat, chooseLayers, chooseStyle } from "./choose.ts";
import { accessOfLink, type ServicePlace } from "./link_access.ts";
import { listNames } from "./near_names.ts";
import { findServiceCrs } from "./service_crs.ts";
import type { ServiceDescription, ServiceLayer, ServiceLimits } from "./service_description.ts";

/**
 * GetMap of a WMS that described itself: layers, styles, format, CRS, dimensions and sizes are checked before a tile is asked for.
 * @throws `source.invalid` with the nearest names when something is not there
 */
export function wmsServiceSource(
  description: ServiceDescription,
  place: ServicePlace,
  options: OpenSourceOptions = {},
): TileSource {
  const layers = chooseLayers(description, options.layer);
  const version = options.version ?? (description.version.startsWith("1.3") ? "1.3.0" : "1.1.1");
  const { grid, crs } = chooseGrid(layers, options);
  requireSize(description.limits, grid, layers.length);
  const [endpoint = place.access.url] = description.endpoints;
  if (endpoint === "")
    throw new TilthError(
      "source.invalid",
      "expected the URL of GetMap in the description, got none; give the URL of the service",
    );
  const access = accessOfLink(endpoint, place);
  const format = chooseFormat(layers[0] as ServiceLayer, layers[0]?.formats ?? [], options.format);
  // As a person would write it: a cache that remembers it can be repaired without its description.
  const asked = withQuery(redactUrl(access.url, access.secrets), {
    SERVICE: "WMS",
    FORMAT: format,
    [version === "1.3.0" ? "CRS" : "SRS"]: crs,
    TRANSPARENT: layers.every(({ opaque }) => opaque) ? "FALSE" : "TRUE",
  });
  const settings: OpenSourceOptions = {
    ...options,
    grid,
    version,
    format,
    layer: layers.map(({ name }) => name).join(","),
    style: chooseStyles(layers, options.style),
    dimensions: chooseDimensions(layers, options.dimensions ?? {}, access.secrets),
  };
  return wmsSourceAt(asked, access, settings, {
    title: layers.map(({ title }) => title).join(", ") || description.title,
    attribution: layers.map(({ attribution }) => attribution).find((text) => text !== "") ?? description.attribution,
    bounds: unionOf(layers),
  });
}

/** The wished grid, or the first of our own that all layers have the CRS of; with the CRS as the service writes it. */
function chooseGrid(layers: readonly ServiceLayer[], options: OpenSourceOptions): { grid: TileMatrixSet; crs: string } {
  const [first] = layers;
  const shared = (first?.crs ?? []).filter((code) => layers.every(({ crs }) => crs.includes(code)));
  const size = options.tileSize ?? 256;
  const wished =
    options.grid === undefined
      ? [gridOf(options), ...listGrids().flatMap((id) => findGrid(id, size) ?? [])]
      : [options.grid];
  for (const grid of wished) {
    const crs = findCode(shared, grid);
    if (crs !== null) return { grid, crs };
  }
  const asked =
    options.grid === undefined ? "a CRS with a grid of its own" : `the CRS ${options.grid.crs.code} of the grid`;
  throw new TilthError(
    "source.invalid",
    `expected a layer in ${asked}, but '${first?.name}' has ${listNames(shared)}; choose another --grid`,
  );
}

/** How the service writes the CRS of a grid: its usual code where there are several; both names of WGS 84 will do. */
function findCode(codes: readonly string[], grid: TileMatrixSet): string | null {
  const wanted = grid.crs.code;
  const geographic = wanted === "OGC:CRS84" || wanted === "EPSG:4326";
  const means = (code: string, meant: string): boolean => findServiceCrs(code)?.code === meant;
  if (geographic)
    return codes.find((code) => means(code, "OGC:CRS84")) ?? codes.find((code) => means(code, "EPSG:4326")) ?? null;
  return codes.find((code) => code.toUpperCase() === wanted) ?? codes.find((code) => means(code, wanted)) ?? null;
}

/** As many styles as layers; without a wish the default ones, which have an empty name (OGC 06-042, 7.3.3.4). */
function chooseStyles(layers: readonly ServiceLayer[], wanted: string | undefined): string {
  if (wanted === undefined) return layers.map(() => "").join(",");
  const parts = layers.length === 1 ? [wanted] : wanted.split(",");
  return layers.map((layer, index) => chooseStyle(layer, parts[index] ?? "", "")).join(",");
}

function requireSize({ maxWidth, maxHeight, layerLimit }: ServiceLimits, grid: TileMatrixSet, count: number): void {
  const { tileWidth, tileHeight } = grid.getMatrix(0);
  if (tileWidth > (maxWidth ?? Infinity) || tileHeight > (maxHeight ?? Infinity))
    throw new TilthError(
      "source.invalid",
      `expected tiles of at most ${maxWidth ?? "any"} x ${maxHeight ?? "any"} pixels, as the service allows, got ${tileWidth} x ${tileHeight}; choose a smaller --tile-size`,
    );
  if (count > (layerLimit ?? Infinity))
    throw new TilthError("source.invalid", `expected at most ${layerLimit} layers in one request, got ${count}`);
}

/** Around the boxes of all layers; null when one of them does not say, or crosses the antimeridian. */
function unionOf(layers: readonly ServiceLayer[]): LonLatBbox | null {
  const [first, ...rest] = layers.map(({ bounds }) => bounds);
  if (rest.length === 0) return first ?? null;
  return [first, ...rest].reduce<LonLatBbox | null>((all, one, index) => {
    if (one === null || one === undefined || one[0] > one[2]) return null;
    if (index === 0) return one;
    return all === null ? null : bboxUnion(all, one);
  }, null);
}
