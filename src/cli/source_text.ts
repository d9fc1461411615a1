import {
  inheritLayer,
  layerPath,
  type MatrixSetSummary,
  type ServiceLayer,
  type ServiceSummary,
} from "../source/index.ts";

/** Layers that are listed for people; --layer shows one, --json has all. */
const MAX_LAYERS = 100;
/** Names of a list that are shown. */
const MAX_NAMES = 12;

/** A description for people. @param layer the only one to be shown; null = all, one line each */
export function formatService(service: ServiceSummary, layer: ServiceLayer | null): string {
  const { kind, version, title, provider, attribution, limits, skipped, matrixSets } = service;
  const named = service.layers.filter(({ name }) => name !== null);
  const bounds = Object.entries(limits).flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
  return [
    `${[kind, version].filter(Boolean).join(" ")}: ${title || "no title"}${provider === "" ? "" : ` (${provider})`}`,
    ...(attribution === "" ? [] : [`attribution or constraints: ${attribution}`]),
    ...(bounds.length === 0 ? [] : [`limits of one request: ${bounds.join(", ")}`]),
    ...(layer === null ? listLayers(service, named) : [formatLayer(service, layer)]),
    ...(matrixSets.length === 0 ? [] : [`${matrixSets.length} tile matrix sets`, ...matrixSets.map(formatMatrixSet)]),
    ...(skipped.length === 0 ? [] : ["not used, or read otherwise than written"]),
    ...skipped.slice(0, MAX_NAMES).map(({ what, reason }) => `  ${what}: ${reason}`),
  ].join("\n");
}

function listLayers(service: ServiceSummary, named: readonly ServiceLayer[]): string[] {
  const [only] = named;
  if (only !== undefined && named.length === 1) return [formatLayer(service, inheritLayer(service, only))];
  const lines = named.slice(0, MAX_LAYERS).map((one) => {
    const path = layerPath(service, one).join(" / ");
    return `  ${one.name}  ${one.title}${path === "" ? "" : `  [${path}]`}`;
  });
  const left = named.length - lines.length;
  return [`${named.length} layers`, ...lines, ...(left > 0 ? [`  and ${left} more (--json lists all)`] : [])];
}

/** All that can be chosen of a layer. */
function formatLayer(service: ServiceSummary, layer: ServiceLayer): string {
  const styles = layer.styles.map(({ name, isDefault }) => `${name || "''"}${isDefault ? " (default)" : ""}`);
  const sets = layer.matrixSets.map(({ id, limits }) => `${id}${limits === null ? "" : " (with limits)"}`);
  const scales = [layer.minScale, layer.maxScale].map((scale) => (scale === null ? "any" : `1:${Math.round(scale)}`));
  const hints = [layer.opaque ? "opaque" : "", layer.cascaded ? "cascaded: another service makes it" : ""].filter(
    Boolean,
  );
  const path = layerPath(service, layer).join(" / ");
  return [
    `layer ${layer.name}: ${layer.title}${path === "" ? "" : ` [${path}]`}`,
    ...(layer.abstract === "" ? [] : [`  ${layer.abstract.slice(0, 300)}`]),
    ...(styles.length === 0 ? [] : [`  styles: ${few(styles)}`]),
    ...(layer.formats.length === 0 ? [] : [`  formats: ${few(layer.formats)}`]),
    ...(layer.bounds === null ? [] : [`  bounds: ${layer.bounds.join(", ")}`]),
    ...(layer.crs.length === 0 ? [] : [`  CRS: ${few(layer.crs)}`]),
    ...(sets.length === 0 ? [] : [`  matrix sets: ${few(sets)}`]),
    ...(scales.every((scale) => scale === "any") ? [] : [`  scales: ${scales.join(" to ")}`]),
    ...(hints.length === 0 ? [] : [`  ${hints.join(", ")}`]),
    ...layer.dimensions.map((one) =>
      `  dimension ${one.name}: default ${one.default || "not said"}; ${few(one.values)} ${one.units}`.trimEnd(),
    ),
  ].join("\n");
}

function formatMatrixSet({ id, crs, grid, zooms, cellSizes, notes, matrices }: MatrixSetSummary): string {
  if (grid === null || zooms === null) return `  ${id}: ${crs}, cannot be seeded: ${notes.join("; ")}`;
  const [first] = matrices;
  const sizes = [cellSizes[0], cellSizes.at(-1)].map((size) => size?.toPrecision(6)).join(" to ");
  const more = notes.length === 0 ? "" : `; ${notes.join("; ")}`;
  return `  ${id}: ${crs}, grid ${grid}, zoom ${zooms[0]}-${zooms[1]}, ${sizes} units a pixel, tiles ${first?.tileWidth} x ${first?.tileHeight}${more}`;
}

function few(names: readonly string[]): string {
  const left = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(", ")}${left > 0 ? ` (and ${left} more)` : ""}`;
}
