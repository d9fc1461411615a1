import { HttpTileSource } from "./http_source.ts";
import { accessAsWritten, resolveAccess, type Access } from "./secrets_from_env.ts";
import { gridOf, makeInfo, type OpenSourceOptions } from "./source_options.ts";
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
  const shown = templates[0] ?? "";
  const info = makeInfo(known.kind ?? "template", shown, options, known);
  const access = templates.map((url) =>
    given === null ? resolveAccess(url, options) : accessAsWritten(url, options, given),
  );
  const values = {
    ...options.dimensions,
    ...named("Layer", options.layer),
    ...named("Style", options.style),
    ...named("TileMatrixSet", options.matrixSet),
  };
  const settings = {
    subdomains: options.subdomains,
    tms: options.tms,
    scaleSuffix: gridOf(options).matrices[0]?.tileWidth === 512 ? "@2x" : "",
    values,
  };
  const made = access.map(({ url }) => new UrlTemplate(url, info.grid, settings));
  const mirrors = made.flatMap((template) => template.mirrors.map((mirror, index) => ({ template, mirror, index })));
  const build = (tile: Parameters<UrlTemplate["build"]>[0], host: number): string => {
    const chosen = mirrors[Math.max(0, host) % mirrors.length];
    return chosen?.template.build(tile, chosen.index) ?? "";
  };
  const headers = Object.assign({}, ...access.map((one) => one.headers)) as Record<string, string>;
  const secrets = access.flatMap((one) => one.secrets);
  return new HttpTileSource(
    info,
    mirrors.map(({ mirror }) => mirror),
    build,
    { ...options, headers, secrets },
  );
}

function named(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
