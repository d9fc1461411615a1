import { redactUrl, TilthError } from "../core/index.ts";
import type { TileCoord, TileMatrixSet } from "../grid/index.ts";

/** Values of a tile by placeholder. */
type Placeholder = (tile: TileCoord, grid: TileMatrixSet) => string;

const flippedRow = (tile: TileCoord, grid: TileMatrixSet): number => grid.getMatrix(tile.z).matrixHeight - 1 - tile.y;
const matrixId: Placeholder = (tile, grid) => grid.getMatrix(tile.z).id;
const column: Placeholder = (tile) => String(tile.x);
const row: Placeholder = (tile) => String(tile.y);
const bboxText: Placeholder = (tile, grid) => grid.tileToBbox(tile).join(",");

/** Names in lower case; WMTS REST templates write TileMatrix, TileRow and TileCol in any case. */
const PLACEHOLDERS: Readonly<Record<string, Placeholder>> = {
  x: column,
  y: row,
  z: (tile) => String(tile.z),
  "-y": (tile, grid) => String(flippedRow(tile, grid)),
  q: quadkey,
  quadkey,
  tilematrix: matrixId,
  tilerow: row,
  tilecol: column,
  bbox: bboxText,
  "bbox-epsg-3857": bboxText,
};

/** Tile address as Bing writes it: one digit 0..3 a level, from the top. `""` for level 0. */
export function quadkey(tile: TileCoord): string {
  let key = "";
  for (let bit = tile.z - 1; bit >= 0; bit--) key += String(((tile.x >> bit) & 1) + 2 * ((tile.y >> bit) & 1));
  return key;
}

export interface UrlTemplateOptions {
  /** Hosts for `{s}`. @default a, b, c */
  subdomains?: readonly string[];
  /** Value of `{r}`: `@2x` for tiles of 512 px. @default "" */
  scaleSuffix?: string;
  /** Fixed placeholders: `Style`, `TileMatrixSet`, `Layer`, `Time` ... (any case). */
  values?: Readonly<Record<string, string>>;
  /** Values in the template that no error may show. */
  secrets?: readonly string[];
  /** Written before the id of each matrix in {TileMatrix}. */
  matrixPrefix?: string;
  /** Row counts from the bottom: `{y}` means `{-y}`. */
  tms?: boolean;
}

/**
 * A URL with placeholders, made into one list of parts for each mirror. Knows {x} {y} {-y} {z} {q} {s} {a-c} {1-4} {switch:a,b} {r},
 * {bbox}, {TileMatrix} {TileRow} {TileCol}, and whatever `values` names.
 */
export class UrlTemplate {
  readonly template: string;
  /** The template with its mirrors written out; no tile placeholder is replaced. */
  readonly mirrors: readonly string[];
  readonly #parts: readonly (readonly (string | Placeholder)[])[];
  readonly #grid: TileMatrixSet;

  /** @throws `source.invalid` for a placeholder that is not known, or a template without tile placeholders */
  constructor(template: string, grid: TileMatrixSet, options: UrlTemplateOptions = {}) {
    this.template = template;
    this.#grid = grid;
    this.mirrors = expandMirrors(template, options.subdomains ?? ["a", "b", "c"]);
    this.#parts = this.mirrors.map((mirror) => compile(mirror, options));
    if (!this.#parts[0]?.some((part) => typeof part !== "string")) {
      throw new TilthError("source.invalid", `expected placeholders such as {z}/{x}/{y} in the URL, got none`, {
        fields: { template: redactUrl(template, options.secrets) },
      });
    }
  }

  /** URL of a tile at one mirror (an index into `mirrors`, wrapped). */
  build(tile: TileCoord, mirror = 0): string {
    const parts = this.#parts[Math.max(0, mirror) % this.#parts.length] ?? [];
    let url = "";
    for (const part of parts) url += typeof part === "string" ? part : part(tile, this.#grid);
    return url;
  }
}

function compile(template: string, options: UrlTemplateOptions): (string | Placeholder)[] {
  const fixed = new Map(
    Object.entries({ r: options.scaleSuffix ?? "", ...options.values }).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  return template.split(/(\{[^{}]*\})/).map((part) => {
    if (!part.startsWith("{")) return part;
    const name = part.slice(1, -1).toLowerCase();
    const value = fixed.get(name);
    if (value !== undefined) return encodeURIComponent(value).replaceAll("%40", "@").replaceAll("%3A", ":");
    const placeholder = options.tms === true && name === "y" ? "-y" : name;
    if (placeholder === "tilematrix") return (tile, grid) => `${options.matrixPrefix ?? ""}${matrixId(tile, grid)}`;
    if (Object.hasOwn(PLACEHOLDERS, placeholder)) return PLACEHOLDERS[placeholder] ?? part;
    const known = [...Object.keys(PLACEHOLDERS), "s", "r", ...fixed.keys()].map((known) => `{${known}}`).join(" ");
    throw new TilthError("source.invalid", `expected placeholders of ${known}, got ${part}`, {
      fields: { placeholder: part },
    });
  });
}

/** Mirrors of one source at the most: {a-z} already gives 26. */
export const MAX_MIRRORS = 64;

function expandMirrors(template: string, subdomains: readonly string[]): string[] {
  const match = /\{(s|[a-z]-[a-z]|\d+-\d+|switch:[^{}]+)\}/i.exec(template);
  if (match === null) return [template];
  const names = mirrorNames(match[1] ?? "", subdomains).slice(0, MAX_MIRRORS);
  return names.map((name) => template.replaceAll(match[0], name));
}

function mirrorNames(pattern: string, subdomains: readonly string[]): string[] {
  if (pattern.toLowerCase() === "s") return [...subdomains];
  if (/^switch:/i.test(pattern)) return pattern.slice("switch:".length).split(",");
  const [from = "", to = ""] = pattern.split("-");
  const numeric = /^\d+$/.test(from);
  const first = numeric ? Number(from) : from.charCodeAt(0);
  const last = numeric ? Number(to) : to.charCodeAt(0);
  const count = Math.min(MAX_MIRRORS, Math.max(1, last - first + 1));
  return Array.from({ length: count }, (_, index) =>
    numeric ? String(first + index) : String.fromCharCode(first + index),
  );
}
