import { redactUrl } from "../../core/index.ts";
import type { TileMatrixSet } from "../../grid/index.ts";
import type { Access } from "../secrets_from_env.ts";
import { UrlTemplate } from "../url_template.ts";
import { accessOfLink, type ServicePlace } from "./link_access.ts";
import type { ResolvedLevel, ResolvedMatrixSet } from "./resolve_matrix_set.ts";
import type { TileTemplate } from "./service_description.ts";

/** Mirrors of one layer that are used. */
const MAX_MIRRORS = 16;

/** URLs of one mirror: one template for each level. */
export interface TemplateMirror {
  readonly access: Access;
  readonly byZoom: ReadonlyMap<number, UrlTemplate>;
  /** One template for all levels, values put in, secrets cut out. */
  readonly id: string;
}

interface Part {
  readonly level: ResolvedLevel;
  readonly template: string;
}

/**
 * Templates for all levels are mirrors of each other; those for one level each belong together.
 * @param values of placeholders, by name in any case: layer, style, set, dimensions
 */
export function templateMirrors(
  { grid, levels }: ResolvedMatrixSet,
  templates: readonly TileTemplate[],
  values: Readonly<Record<string, string>>,
  place: ServicePlace,
): TemplateMirror[] {
  const whole = templates.filter(({ matrix }) => matrix === null).slice(0, MAX_MIRRORS);
  const lists = whole.map(({ template }) => levels.map((level) => ({ level, template })));
  if (whole.length === 0) lists.push(levels.flatMap((level) => partOf(level, templates)));
  return lists.flatMap((parts) => makeMirror(parts, grid, values, place));
}

function partOf(level: ResolvedLevel, templates: readonly TileTemplate[]): Part[] {
  const own = templates.find(({ matrix }) => matrix === level.matrix);
  return own === undefined ? [] : [{ level, template: own.template }];
}

function makeMirror(
  parts: readonly Part[],
  grid: TileMatrixSet,
  values: Readonly<Record<string, string>>,
  place: ServicePlace,
): TemplateMirror[] {
  const opened = parts.map(({ level, template }) => ({ level, access: accessOfLink(template, place) }));
  const [first] = opened;
  if (first === undefined) return [];
  const byZoom = opened.map(({ level, access }) => {
    const settings = { values: { ...values, TileMatrix: level.matrix }, secrets: access.secrets };
    return [level.z, new UrlTemplate(access.url, grid, settings)] as const;
  });
  const shown = opened.map(({ level, access }) => sharedTemplate(access.url, level, grid));
  // Folders that follow no pattern have no template for all: without braces nobody takes one for it.
  const pattern = shown.every((one) => one === shown[0]) ? (shown[0] ?? "") : first.access.url.replace(/[{}]/g, "");
  const id = redactUrl(putIn(pattern, values), first.access.secrets);
  return [{ access: first.access, byZoom: new Map(byZoom), id }];
}

/** The template of a level for any level: `EPSG:3857:{TileMatrix}` where its name is the grid's behind a prefix; a folder by that name likewise. */
function sharedTemplate(url: string, { z, matrix }: ResolvedLevel, grid: TileMatrixSet): string {
  const own = grid.getMatrix(z).id;
  const name = matrix.endsWith(own) ? `${matrix.slice(0, matrix.length - own.length)}{TileMatrix}` : null;
  if (name === null) return url;
  if (/\{TileMatrix\}/i.test(url)) return url.replace(/\{TileMatrix\}/gi, () => name);
  const folder = url.lastIndexOf(`/${matrix}/{`);
  return folder < 0 ? url : `${url.slice(0, folder)}/${name}${url.slice(folder + matrix.length + 1)}`;
}

function putIn(template: string, values: Readonly<Record<string, string>>): string {
  const chosen = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = chosen.get(name.toLowerCase());
    return value === undefined ? whole : encodeURIComponent(value).replaceAll("%40", "@").replaceAll("%3A", ":");
  });
}
