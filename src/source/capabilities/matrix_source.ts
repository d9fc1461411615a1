import { redactUrl, TilthError } from "../../core/index.ts";
import type { TileCoord } from "../../grid/index.ts";
import type { TileImageFormat } from "../../raster/index.ts";
import { HttpTileSource } from "../http_source.ts";
import { queryValue, withQuery } from "../query.ts";
import type { Access } from "../secrets_from_env.ts";
import { makeInfo, type OpenSourceOptions } from "../source_options.ts";
import type { SourceInfo, TileSource } from "../tile_source.ts";
import { UrlTemplate } from "../url_template.ts";
import { chooseDimensions, chooseFormat, chooseLayers, chooseStyle } from "./choose.ts";
import { chooseMatrixSet, type ChosenMatrixSet } from "./choose_matrix_set.ts";
import { LimitedSource } from "./limited_source.ts";
import { accessOfLink, type ServicePlace } from "./link_access.ts";
import type { ResolvedLevel } from "./resolve_matrix_set.ts";
import type { ServiceDescription, ServiceLayer, TileTemplate } from "./service_description.ts";

/** Mirrors of one layer that are used. */
const MAX_MIRRORS = 16;

/** What of a description is asked for, all of it checked. */
interface Choice {
  readonly layer: ServiceLayer;
  readonly matrixSet: ChosenMatrixSet;
  readonly format: string;
  /** Values of placeholders: layer, style, set, dimensions. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Tiles of a service with matrix sets of its own (WMTS, TMS, OGC API Tiles, a cache of ArcGIS). The grid is the service's, or ours where it is one
 * of ours; tiles outside of the limits are known to be empty.
 * @param id of the source, where its kind has one already
 * @throws `source.invalid` when layer, style, format, set or dimension is not there, or no URL of tiles
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
  const formats = mine.length > 0 ? [...new Set(mine.map(({ format }) => format))] : layer.formats;
  const format = chooseFormat(layer, formats, options.format);
  const choice: Choice = { layer, matrixSet, format, values: valuesOf(description, layer, matrixSet, options) };
  const templates = mine.filter((one) => one.format === format);
  const used = templates.length > 0 ? templates : keyValueTemplates(description, choice, options, place);
  return openTemplates(description, choice, used, place, options, id);
}

/** REST needs a value for each placeholder: the default of a dimension that is not chosen. */
function valuesOf(
  description: ServiceDescription,
  layer: ServiceLayer,
  { set }: ChosenMatrixSet,
  options: OpenSourceOptions,
): Record<string, string> {
  const defaults = layer.dimensions.map((one) => [one.name, one.default || lastValue(one.values)] as const);
  return {
    ...Object.fromEntries(defaults),
    ...chooseDimensions([layer], options.dimensions ?? {}),
    Layer: layer.name ?? "",
    Style: chooseStyle(layer, options.style, description.kind === "wmts" ? "default" : ""),
    TileMatrixSet: set.id,
    TileMatrixSetId: set.id,
  };
}

/** Of an interval `start/end/step` the end. */
const lastValue = (values: readonly string[]): string => {
  const last = values.at(-1) ?? "";
  return last.split("/")[1] ?? last;
};

/** GetTile by key-value pairs (OGC 07-057r7, 8.2.2) written as a template; dimensions only as they are chosen. */
function keyValueTemplates(
  description: ServiceDescription,
  { layer, format, matrixSet, values }: Choice,
  options: OpenSourceOptions,
  { access }: ServicePlace,
): TileTemplate[] {
  const [endpoint = access.url] = description.endpoints;
  if (description.kind !== "wmts" || endpoint === "")
    throw new TilthError(
      "source.invalid",
      `expected URLs of tiles in the description of layer '${layer.name}', got none; give the URL of the service instead of a file`,
    );
  const chosen = chooseDimensions([layer], options.dimensions ?? {});
  const template = withQuery(endpoint, {
    SERVICE: "WMTS",
    VERSION: "1.0.0",
    REQUEST: "GetTile",
    LAYER: layer.name ?? "",
    STYLE: values["Style"] ?? "",
    FORMAT: format,
    TILEMATRIXSET: matrixSet.set.id,
    ...chosen,
    TILEMATRIX: "{TileMatrix}",
    TILEROW: "{TileRow}",
    TILECOL: "{TileCol}",
  });
  return [{ format, template, matrixSet: null, matrix: null }];
}

/** URLs of one mirror: one template for each level. */
interface Mirror {
  readonly access: Access;
  readonly byZoom: ReadonlyMap<number, UrlTemplate>;
}

function openTemplates(
  description: ServiceDescription,
  choice: Choice,
  templates: readonly TileTemplate[],
  place: ServicePlace,
  options: OpenSourceOptions,
  id: string | undefined,
): TileSource {
  const mirrors = makeMirrors(choice, templates, place);
  const [first] = mirrors;
  if (first === undefined)
    throw new TilthError("source.invalid", `expected URLs of tiles of layer '${choice.layer.name}', got none`);
  const info = makeInfo(
    description.kind,
    first.access.url,
    { ...options, grid: undefined },
    { ...infoOf(description, choice, first), ...(id === undefined ? {} : { id }) },
  );
  const build = (tile: TileCoord, mirror: number): string => mirrors[mirror]?.byZoom.get(tile.z)?.build(tile) ?? "";
  const source = new HttpTileSource(
    info,
    mirrors.map(({ access }) => access.url),
    build,
    {
      ...options,
      mirrorHeaders: mirrors.map(({ access }) => access.headers),
      secrets: mirrors.flatMap(({ access }) => access.secrets),
    },
  );
  return new LimitedSource(source, choice.matrixSet.resolved.levels);
}

/** Templates for all levels are mirrors of each other; those for one level each belong together. */
function makeMirrors(choice: Choice, templates: readonly TileTemplate[], place: ServicePlace): Mirror[] {
  const { levels } = choice.matrixSet.resolved;
  const whole = templates.filter(({ matrix }) => matrix === null).slice(0, MAX_MIRRORS);
  if (whole.length > 0)
    return whole.map(({ template }) =>
      makeMirror(
        choice,
        levels.map((level) => ({ level, template })),
        place,
      ),
    );
  const single = levels.flatMap((level) => {
    const own = templates.find(({ matrix }) => matrix === level.matrix);
    return own === undefined ? [] : [{ level, template: own.template }];
  });
  return single.length === 0 ? [] : [makeMirror(choice, single, place)];
}

function makeMirror(
  { values, matrixSet }: Choice,
  parts: readonly { level: ResolvedLevel; template: string }[],
  place: ServicePlace,
): Mirror {
  const { grid } = matrixSet.resolved;
  const accesses = parts.map(({ level, template }) => ({ level, access: accessOfLink(template, place) }));
  const [first] = accesses;
  const byZoom = accesses.map(({ level, access }) => {
    const settings = { values: { ...values, TileMatrix: level.matrix }, secrets: access.secrets };
    return [level.z, new UrlTemplate(access.url, grid, settings)] as const;
  });
  return { access: first?.access ?? accessOfLink("", place), byZoom: new Map(byZoom) };
}

const TILE_FORMATS: Readonly<Record<string, TileImageFormat>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/webp": "webp",
  "image/gif": "gif",
  "application/vnd.mapbox-vector-tile": "mvt",
  "application/x-protobuf": "mvt",
};

/** All that makes other tiles is part of the id, so that two of them never share an archive. */
function infoOf(description: ServiceDescription, choice: Choice, { access }: Mirror): Partial<SourceInfo> {
  const { layer, matrixSet, format, values } = choice;
  const served = matrixSet.resolved.levels.filter(({ range }) => range !== null);
  const isQuery = queryValue(access.url, "tilematrix") !== null;
  const chosen = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  const shown = access.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => chosen.get(name.toLowerCase()) ?? whole);
  return {
    id: redactUrl(isQuery ? access.url : shown, access.secrets),
    title: layer.title || description.title || undefined,
    attribution: layer.attribution || description.attribution,
    grid: matrixSet.resolved.grid,
    minZoom: served[0]?.z ?? 0,
    maxZoom: served.at(-1)?.z ?? 0,
    bounds: layer.bounds,
    format: TILE_FORMATS[format.split(";")[0]?.trim().toLowerCase() ?? ""] ?? null,
  };
}
