import type { TileCoord } from "../grid/index.ts";
import { HttpTileSource } from "./http_source.ts";
import { accessAsWritten, resolveAccess, type Access } from "./secrets_from_env.ts";
import { makeInfo, splitMatrixSet, type OpenSourceOptions } from "./source_options.ts";
import type { SourceInfo, TileSource } from "./tile_source.ts";
import { UrlTemplate } from "./url_template.ts";

/** XYZ, TMS, quadkey and WMTS REST: any URL with placeholders. @throws `source.invalid` */
export function templateSource(
  template: string,
  options: OpenSourceOptions = {},
  known: Partial<SourceInfo> & { kind?: string } = {},
): TileSource {
  return templatesSource([template], options, known);
}

/** Several templates that give the same tiles (TileJSON): each is a mirror. @param given access to the server that wrote them */
export function templatesSource(
  templates: readonly string[],
  options: OpenSourceOptions,
  known: Partial<SourceInfo> & { kind?: string } = {},
  given: Access | null = null,
): TileSource {
  const { matrixSet, matrixPrefix } = splitMatrixSet(options.matrixSet ?? "");
  const values = {
    ...options.dimensions,
    ...named("Layer", options.layer),
    ...named("Style", options.style),
    ...named("TileMatrixSet", matrixSet === "" ? undefined : matrixSet),
  };
  const info = makeInfo(known.kind ?? "template", showValues(templates[0] ?? "", values), options, known);
  const access = templates.map((url) =>
    given === null ? resolveAccess(url, options) : accessAsWritten(url, options, given),
  );
  const secrets = access.flatMap((one) => one.secrets);
  const scaleSuffix = info.grid.matrices[0]?.tileWidth === 512 ? "@2x" : "";
  const { subdomains, tms } = options;
  const settings = { subdomains, tms, scaleSuffix, values, matrixPrefix, secrets };
  const mirrors = access.flatMap(({ url, headers }) => {
    const template = new UrlTemplate(url, info.grid, settings);
    return template.mirrors.map((mirror, index) => ({ template, mirror, index, headers }));
  });
  const build = (tile: TileCoord, host: number): string => {
    const chosen = mirrors[host];
    return chosen?.template.build(tile, chosen.index) ?? "";
  };
  const urls = mirrors.map(({ mirror }) => mirror);
  const mirrorHeaders = mirrors.map(({ headers }) => headers);
  return new HttpTileSource(info, urls, build, { ...options, mirrorHeaders, secrets });
}

/** The template with what the user chose written in: other values make other tiles, and so another source. */
function showValues(template: string, values: Readonly<Record<string, string>>): string {
  const chosen = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  return template.replace(/(?<!\$)\{([^{}]+)\}/g, (whole, name: string) => chosen.get(name.toLowerCase()) ?? whole);
}

function named(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
