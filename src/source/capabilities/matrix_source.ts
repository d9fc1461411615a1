import { TilthError } from "../../core/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import type { TileImageFormat } from "../../raster/index.ts";
import { HttpTileSource } from "../http_source.ts";
import { makeInfo, type OpenSourceOptions } from "../source_options.ts";
import type { SourceInfo, TileSource } from "../tile_source.ts";
import { chooseDimensions, chooseFormat, chooseLayers, chooseStyle } from "./choose.ts";
import { chooseMatrixSet, type ChosenMatrixSet } from "./choose_matrix_set.ts";
import { keyValueTemplate } from "./key_value_template.ts";
import { LimitedSource } from "./limited_source.ts";
import type { ServicePlace } from "./link_access.ts";
import type { ServiceDescription, ServiceLayer, TileTemplate } from "./service_description.ts";
import { templateMirrors } from "./template_mirrors.ts";

/** What of a description is asked for, all of it checked. */
interface Choice {
  readonly layer: ServiceLayer;
  readonly matrixSet: ChosenMatrixSet;
  /** MIME type. */
  readonly format: string;
  readonly style: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Tiles of a service with matrix sets of its own (WMTS, TMS, OGC API Tiles, a cache of ArcGIS). The grid is the service's, or ours where it is one
 * of ours; tiles outside of the limits are known to be empty.
 * @param id of the source, where its kind has one already
 * @throws `source.invalid` when layer, style, format, set or dimension is not there, or no URL of tiles; `grid.variableWidths`
 */
export function matrixSource(
  description: ServiceDescription,
  place: ServicePlace,
  options: OpenSourceOptions = {},
  id?: string,
): TileSource {
  const [layer] = chooseLayers(description, options.layer);
  if (layer === undefined) throw new TilthError("source.invalid", "expected a layer, got none");
  const matrixSet = chooseMatrixSet(description, layer, { id: options.matrixSet, grid: options.grid });
  const mine = layer.templates.filter((one) => one.matrixSet === null || one.matrixSet === matrixSet.set.id);
  const written = mine.map(({ format }) => format);
  // By key-value pairs a service may have formats that it has no template for.
  const more = mine.length === 0 || (options.format !== undefined && description.endpoints.length > 0);
  const formats = [...new Set([...written, ...(more ? layer.formats : [])])];
  const choice: Choice = {
    layer,
    matrixSet,
    format: chooseFormat(layer, formats, options.format),
    style: chooseStyle(layer, options.style, description.kind === "wmts" ? "default" : ""),
    dimensions: chooseDimensions([layer], options.dimensions ?? {}),
  };
  const fitting = mine.filter((one) => one.format === choice.format);
  const templates = fitting.length > 0 ? fitting : [keyValuesOf(description, choice, place)];
  return openTemplates(description, choice, templates, place, { options, id });
}

function keyValuesOf(description: ServiceDescription, choice: Choice, { access }: ServicePlace): TileTemplate {
  const [endpoint = access.url] = description.endpoints;
  const { layer, matrixSet, ...rest } = choice;
  if (description.kind === "wmts" && endpoint !== "")
    return keyValueTemplate(endpoint, { ...rest, layer: layer.name ?? "", matrixSet: matrixSet.set.id });
  throw new TilthError(
    "source.invalid",
    `expected URLs of tiles in the description of layer '${layer.name}', got none; give the URL of the service instead of a file`,
  );
}

function openTemplates(
  description: ServiceDescription,
  choice: Choice,
  templates: readonly TileTemplate[],
  place: ServicePlace,
  { options, id }: { options: OpenSourceOptions; id: string | undefined },
): TileSource {
  const { resolved } = choice.matrixSet;
  const mirrors = templateMirrors(resolved, templates, valuesOf(choice), place);
  const [first] = mirrors;
  if (first === undefined)
    throw new TilthError("source.invalid", `expected URLs of tiles of layer '${choice.layer.name}', got none`);
  const known = { ...infoOf(description, choice), id: id ?? first.id };
  const info = makeInfo(description.kind, known.id, { ...options, grid: undefined }, known);
  const build = (tile: TileCoord, mirror: number): string => mirrors[mirror]?.byZoom.get(tile.z)?.build(tile) ?? "";
  const urls = mirrors.map(({ access }) => access.url);
  const source = new HttpTileSource(info, urls, build, {
    ...options,
    mirrorHeaders: mirrors.map(({ access }) => access.headers),
    secrets: mirrors.flatMap(({ access }) => access.secrets),
  });
  return new LimitedSource(source, resolved.levels);
}

/** A template needs a value for each placeholder: the default of a dimension that is not chosen. */
function valuesOf({ layer, matrixSet, style, dimensions }: Choice): Record<string, string> {
  const defaults = layer.dimensions.map((one) => [one.name, one.default || lastValue(one.values)] as const);
  const { id } = matrixSet.set;
  const named = { Layer: layer.name ?? "", Style: style, TileMatrixSet: id, TileMatrixSetId: id };
  return { ...Object.fromEntries(defaults), ...dimensions, ...named };
}

/** Of an interval `start/end/step` the end. */
const lastValue = (values: readonly string[]): string => {
  const last = values.at(-1) ?? "";
  return last.split("/")[1] ?? last;
};

const TILE_FORMATS: Readonly<Record<string, TileImageFormat>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/webp": "webp",
  "image/gif": "gif",
  "application/vnd.mapbox-vector-tile": "mvt",
  "application/x-protobuf": "mvt",
};

function infoOf(description: ServiceDescription, { layer, matrixSet, format }: Choice): Partial<SourceInfo> {
  const served = matrixSet.resolved.levels.filter(({ range }) => range !== null);
  return {
    title: layer.title || description.title || undefined,
    attribution: layer.attribution || description.attribution,
    grid: matrixSet.resolved.grid,
    minZoom: served[0]?.z ?? 0,
    maxZoom: served.at(-1)?.z ?? 0,
    bounds: layer.bounds,
    format: TILE_FORMATS[format.split(";")[0]?.trim().toLowerCase() ?? ""] ?? null,
  };
}
