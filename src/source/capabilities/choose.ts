import { redactText, TilthError } from "../../core/index.ts";
import { inheritLayer } from "./inherit_layer.ts";
import { listNames, listNearNames } from "./near_names.ts";
import type { ServiceDescription, ServiceDimension, ServiceLayer } from "./service_description.ts";

/**
 * The layers that are asked for, with what they inherit: the only one without a name; several as `a,b` (WMS).
 * @throws `source.invalid` listing names when it is not clear or not there
 */
export function chooseLayers(description: ServiceDescription, wanted: string | undefined): ServiceLayer[] {
  const named = description.layers.filter(({ name }) => name !== null);
  if (named.length === 0) throw invalid(`expected a service with layers, got none${whySkipped(description)}`);
  if (wanted === undefined) {
    const [only] = named;
    if (only !== undefined && named.length === 1) return [inheritLayer(description, only)];
    const names = listNames(named.map(({ name }) => name ?? ""));
    throw invalid(`expected --layer NAME, because the service has ${named.length} layers: ${names}`);
  }
  const whole = named.find(({ name }) => name === wanted);
  const parts = whole === undefined && description.kind === "wms" ? wanted.split(",") : [wanted];
  return parts.map((part) => inheritLayer(description, whole ?? findByName(named, part)));
}

function findByName(named: readonly ServiceLayer[], wanted: string): ServiceLayer {
  const exact = named.find(({ name }) => name === wanted);
  const alike = named.filter(({ name }) => name?.toLowerCase() === wanted.toLowerCase());
  const found = exact ?? (alike.length === 1 ? alike[0] : undefined);
  if (found !== undefined) return found;
  const names = listNearNames(
    wanted,
    named.map(({ name }) => name ?? ""),
  );
  throw invalid(`expected a layer of the service, got '${wanted.slice(0, 80)}'; the closest are ${names}`);
}

const whySkipped = ({ skipped }: ServiceDescription): string =>
  skipped.length === 0
    ? ""
    : `: ${skipped
        .slice(0, 3)
        .map(({ what, reason }) => `${what} (${reason})`)
        .join("; ")}`;

/** Name of the style to ask for: the default one, or what is chosen. @param fallback without styles @throws `source.invalid` */
export function chooseStyle(layer: ServiceLayer, wanted: string | undefined, fallback: string): string {
  const { styles } = layer;
  if (wanted === undefined) return (styles.find(({ isDefault }) => isDefault) ?? styles[0])?.name ?? fallback;
  // Empty means: the default one, whatever its name.
  if (wanted === "") return "";
  const found = styles.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (found !== undefined) return found.name;
  const names = listNearNames(
    wanted,
    styles.map(({ name }) => name),
  );
  throw invalid(`expected a style of layer '${layer.name}', got '${wanted.slice(0, 80)}'; it has ${names}`);
}

/** Formats of tiles, best first: with transparency and without loss, smaller ones, vector tiles. */
const PREFERRED = [
  /^image\/png$/i,
  /^image\/png/i,
  /^image\/jpe?g/i,
  /^image\/webp/i,
  /mapbox-vector-tile|x-protobuf/i,
];

/** MIME type to ask for. @param wanted `png`, `jpeg` ... or a MIME type @throws `source.invalid` */
export function chooseFormat(layer: ServiceLayer, formats: readonly string[], wanted: string | undefined): string {
  if (wanted !== undefined) {
    const found = formats.find((format) => isFormat(format, wanted));
    if (found !== undefined || formats.length === 0) return found ?? wanted;
    throw invalid(
      `expected a format of layer '${layer.name}', got '${wanted.slice(0, 80)}'; it has ${listNames(formats)}`,
    );
  }
  for (const preferred of PREFERRED) {
    const found = formats.find((format) => preferred.test(format));
    if (found !== undefined) return found;
  }
  return formats.find((format) => /^image\//i.test(format)) ?? formats[0] ?? "image/png";
}

function isFormat(format: string, wanted: string): boolean {
  const short = (text: string): string =>
    text
      .toLowerCase()
      .replace(/^image\//, "")
      .replace(/^jpg$/, "jpeg");
  return (
    short(format) === short(wanted) || (wanted.toLowerCase() === "mvt" && /mapbox-vector-tile|x-protobuf/i.test(format))
  );
}

/**
 * Chosen dimensions by the names of the service. Values are checked where the service lists them one by one.
 * @throws `source.invalid` for a dimension or a value that the layer does not have
 */
export function chooseDimensions(
  layers: readonly ServiceLayer[],
  wanted: Readonly<Record<string, string>>,
  secrets: readonly string[] = [],
): Record<string, string> {
  const known = layers.flatMap(({ dimensions }) => dimensions);
  const chosen = Object.entries(wanted).map(([name, value]) => {
    const found = known.find((one) => plainName(one.name) === plainName(name));
    if (found === undefined)
      throw invalid(
        `expected a dimension of layer '${layers[0]?.name}', got '${name.slice(0, 80)}'; it has ${listNames(known.map((one) => one.name))}`,
      );
    requireValue(found, value, secrets);
    return [found.name, value] as const;
  });
  return Object.fromEntries(chosen);
}

const plainName = (name: string): string => name.toLowerCase().replace(/^dim_/, "");

/** Intervals, lists and `current` are for the service to judge. */
function requireValue(dimension: ServiceDimension, value: string, secrets: readonly string[]): void {
  const { values, nearest } = dimension;
  if (values.length === 0 || nearest || values.includes(value) || value === dimension.default) return;
  if (/[,/]/.test(value) || /^(?:current|default)$/i.test(value) || values.some((one) => one.includes("/"))) return;
  // `T00:00:00Z` and the like: services accept shorter and longer forms of the same instant.
  if (values.some((one) => Date.parse(one) === Date.parse(value))) return;
  const shown = redactText(value.slice(0, 80), secrets);
  throw invalid(
    `expected a value of ${dimension.name}, got '${shown}'; it has ${listNearNames(value, values.slice(0, 5000))}`,
  );
}

function invalid(message: string): TilthError {
  return new TilthError("source.invalid", message);
}
