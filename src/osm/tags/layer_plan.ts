import type { FeatureLayer } from "../../feature/index.ts";
import { BUILDING_COLUMNS, BUILDING_TAGS } from "./building_values.ts";
import { parseTagFilters, type TagFilter } from "./tag_filter.ts";

/** How features are put into tables: by what they are (`building_polygons`) or by their geometry alone (`polygons`). */
export type LayerScheme = "theme" | "geometry";

/** What becomes of objects, as data that crosses threads. */
export interface LayerPlan {
  readonly scheme: LayerScheme;
  /** What is wanted, the first that fits counting; null: everything that has a significant tag. */
  readonly filters: readonly TagFilter[];
  /** Theme of objects that fit no filter; null: they are not wanted. */
  readonly otherTheme: number | null;
  /** Theme of the sea; null: it is not wanted. */
  readonly seaTheme: number | null;
  /** Names of the themes; layer `3 * theme + geometry` holds points, lines, polygons. */
  readonly themes: readonly string[];
  /** Theme of each filter. */
  readonly themeOfFilter: readonly number[];
}

const GEOMETRIES = ["points", "lines", "polygons"] as const;
/** Of a layer within its theme. */
export const GEOMETRY = { point: 0, line: 1, polygon: 2 } as const;
export type GeometryIndex = (typeof GEOMETRY)[keyof typeof GEOMETRY];

/** Main keys of the OpenStreetMap wiki's 'Map features', those that say most of a thing first. */
const DEFAULT_KEYS =
  "building,building:part,highway,railway,aeroway,aerialway,waterway,natural,landuse,leisure,amenity,shop,tourism,historic,office,craft,man_made,power,barrier,military,public_transport,route,boundary,place";
/** Keys that share a table. */
const SAME_THEME: Readonly<Record<string, string>> = { "building:part": "building" };

export interface LayerOptions {
  /** As on the command line; absent: everything. */
  readonly tags?: string;
  readonly scheme: LayerScheme;
  /** @default false */
  readonly sea?: boolean;
}

/** @throws `argument.invalid` */
export function planLayers({ tags, scheme, sea = false }: LayerOptions): LayerPlan {
  const filters = parseTagFilters(tags ?? DEFAULT_KEYS);
  const takesOthers = tags === undefined;
  const names = filters.map(({ key }) => (scheme === "geometry" ? "" : (SAME_THEME[key] ?? tableName(key))));
  const other = scheme === "geometry" ? "" : "other";
  const themes = [...new Set([...names, ...(takesOthers ? [other] : []), ...(sea ? ["sea"] : [])])];
  return {
    scheme,
    filters,
    otherTheme: takesOthers ? themes.indexOf(other) : null,
    seaTheme: sea ? themes.indexOf("sea") : null,
    themes,
    themeOfFilter: names.map((name) => themes.indexOf(name)),
  };
}

function tableName(key: string): string {
  const clean = key
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  return /^[a-z]/.test(clean) ? clean.slice(0, 40) : `key_${clean.slice(0, 36)}`;
}

/** How often each key was seen on the objects of each layer: `layer` to key to count. */
export type KeyUse = ReadonlyMap<number, ReadonlyMap<string, number>>;

/** Columns of tags in one table. */
const MAX_TAG_COLUMNS = 24;
/** Share of a layer's objects that must have a key for it to get a column. */
const MIN_USE = 0.02;

/** The plan's tables with the columns that are worth having. @param counts objects of each layer */
export function describeLayers(plan: LayerPlan, use: KeyUse, counts: ReadonlyMap<number, number>): FeatureLayer[] {
  return plan.themes.flatMap((theme, themeIndex) =>
    GEOMETRIES.map((geometry, index): FeatureLayer => {
      const layer = themeIndex * GEOMETRIES.length + index;
      const name = theme === "" ? geometry : `${theme}_${geometry}`;
      const isBuilding = theme === "building";
      const always = isBuilding ? BUILDING_TAGS : ["name", ...keysOfTheme(plan, themeIndex)];
      return {
        name,
        title: theme === "" ? `OpenStreetMap ${geometry}` : `${theme} (${geometry})`,
        description: `OpenStreetMap objects${theme === "" ? "" : ` of the theme ${theme}`} as ${geometry}`,
        geometry: geometry === "points" ? "point" : geometry === "lines" ? "line" : "multiPolygon",
        columns: [...ID_COLUMNS, ...(isBuilding ? BUILDING_COLUMNS.map(realColumn) : [])],
        tagKeys: chooseKeys(always, use.get(layer), counts.get(layer) ?? 0),
      };
    }),
  );
}

const ID_COLUMNS = [
  { name: "osm_id", type: "integer", description: "id of the object" },
  { name: "osm_type", type: "text", description: "node, way or relation" },
] as const;

function realColumn({ name, description }: { name: string; description: string }) {
  return { name, type: "real", description } as const;
}

function keysOfTheme({ filters, themeOfFilter }: LayerPlan, theme: number): string[] {
  const keys = filters.filter((_filter, i) => themeOfFilter[i] === theme).map(({ key }) => key);
  return keys.length > MAX_TAG_COLUMNS / 2 ? [] : keys;
}

/** Those that must be there, then the most used; by name where they are used alike, so that the order of the input does not matter. */
function chooseKeys(always: readonly string[], use: ReadonlyMap<string, number> = new Map(), count: number): string[] {
  // No name of a column: what stands behind a NUL would be cut off. The key is among all tags all the same.
  const used = [...use]
    .filter(([key, n]) => n >= MIN_USE * count && !key.includes("\0"))
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const keys = new Set(always);
  for (const [key] of used) if (keys.size < MAX_TAG_COLUMNS) keys.add(key);
  return [...keys];
}
