import { isTilthError, TilthError } from "../core/index.ts";
import { findCrs } from "../crs/index.ts";
import { defaultGrid } from "./default_grid.ts";
import { OGC_GRIDS, OTHER_UTM_GRIDS, type KnownGrid } from "./ogc_grids.ts";
import { withTileSize } from "./quad_grid.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";
import { TOOL_GRIDS } from "./tool_grids.ts";

const LISTED: readonly KnownGrid[] = [...OGC_GRIDS, ...TOOL_GRIDS];

const BY_NAME: ReadonlyMap<string, KnownGrid> = new Map(
  [...LISTED, ...OTHER_UTM_GRIDS].flatMap((grid) =>
    [grid.id.toLowerCase(), ...grid.aliases].map((name) => [name, grid] as const),
  ),
);

/** The registry's grid of a CRS; EPSG:4326 means WorldCRS84Quad as it always did here, whose tiles are those of WGS1984Quad. */
const BY_CRS: ReadonlyMap<string, KnownGrid> = new Map([
  ...[...OGC_GRIDS, ...OTHER_UTM_GRIDS].filter(({ make }) => make !== null).map((grid) => [grid.crs, grid] as const),
  ["EPSG:4326", BY_NAME.get("worldcrs84quad") as KnownGrid] as const,
]);

/** OGC WebMercatorQuad (17-083r4, D.1), with `tileSize` pixels a tile. */
export function webMercatorQuad(tileSize = 256): TileMatrixSet {
  return getGrid("WebMercatorQuad", tileSize);
}

/** OGC WorldCRS84Quad (17-083r4, D.2): two tiles on level 0; longitude first. */
export function worldCrs84Quad(tileSize = 256): TileMatrixSet {
  return getGrid("WorldCRS84Quad", tileSize);
}

/** Names of the built-in grids that can be used, in the order in which a grid is recognised. */
export function listGrids(): readonly string[] {
  return LISTED.filter(({ make }) => make !== null).map(({ id }) => id);
}

/** One line of the list of grids. */
export interface GridSummary {
  readonly id: string;
  readonly title: string;
  readonly crs: string;
  /** False: rows of different width, `grid.variableWidths`. */
  readonly usable: boolean;
}

/** All grids that are known by name, also those that cannot be used; UTM31WGS84Quad stands for the zones 1 to 60. */
export function listKnownGrids(): readonly GridSummary[] {
  return LISTED.map(({ id, title, crs, make }) => ({ id, title, crs, usable: make !== null }));
}

/**
 * A grid by its name or an alias of it in any case, or by a CRS (any spelling that `findCrs` reads): the registry's grid of that CRS, else its
 * default grid. null when there is none, or none that can be used.
 * @param tileSize pixels; the tiles stay where they are
 */
export function findGrid(name: string, tileSize = 256): TileMatrixSet | null {
  const known = BY_NAME.get(name.trim().toLowerCase());
  const grid = known === undefined ? findGridOfCrs(name) : (known.make?.() ?? null);
  return grid === null ? null : withTileSize(grid, tileSize);
}

function findGridOfCrs(name: string): TileMatrixSet | null {
  try {
    return makeGridOfCrs(name);
  } catch (error) {
    if (isTilthError(error) && UNUSABLE_CRS.includes(error.code)) return null;
    throw error;
  }
}

/** What says that a CRS is known by name and cannot have a grid; `getGrid` tells it. */
const UNUSABLE_CRS: readonly string[] = ["crs.unsupported", "crs.invalid", "grid.invalid"];

function makeGridOfCrs(name: string): TileMatrixSet | null {
  const crs = findCrs(name);
  if (crs === null) return null;
  return BY_CRS.get(crs.code)?.make?.() ?? defaultGrid(crs);
}

/** @throws `grid.unknown`, `grid.variableWidths`; `crs.unsupported`, `crs.invalid`, `grid.invalid` for a CRS that cannot have a grid */
export function getGrid(name: string, tileSize = 256): TileMatrixSet {
  const grid = findGrid(name, tileSize);
  if (grid !== null) return grid;
  const known = BY_NAME.get(name.trim().toLowerCase());
  if (known !== undefined)
    throw new TilthError(
      "grid.variableWidths",
      `expected a grid whose rows are equally wide, but ${known.id} coalesces tiles towards the poles; use WorldCRS84Quad`,
      { fields: { grid: known.id } },
    );
  makeGridOfCrs(name);
  throw new TilthError(
    "grid.unknown",
    `expected a grid of ${listGrids().join(", ")}, or a CRS such as EPSG:2154, got '${name.slice(0, 80)}'`,
    { fields: { grid: name.slice(0, 80) } },
  );
}
