import { makeGrid, type GridParts } from "./make_grid.ts";
import type { KnownGrid } from "./ogc_grids.ts";

/** Box of mainland France that BlenderGIS has for its grids, EPSG:2154, metres. */
const FRANCE = [99_200, 6_049_600, 1_242_500, 7_110_500] as const;

/** BlenderGIS makes this many levels where it does not list resolutions. */
const BLENDER_GIS_LEVELS = 24;

/**
 * Grids of other tools' caches by the names that they have there, each one level 0 tile over the whole box unless resolutions are given.
 * BlenderGIS' `WM` and `WM_SW` and MapProxy's `GLOBAL_MERCATOR` and `GLOBAL_WEBMERCATOR` have the tiles of WebMercatorQuad
 * and are names of it: whether rows are counted from the bottom is a matter of source and store.
 */
const PARTS: readonly (GridParts & { id: string; title: string; crs: string })[] = [
  {
    id: "WGS84",
    title: "BlenderGIS: WGS84, one tile of 360 degrees on level 0",
    crs: "EPSG:4326",
    bbox: [-180, -90, 180, 90],
    levels: BLENDER_GIS_LEVELS,
  },
  {
    id: "GLOBAL_GEODETIC",
    title: "MapProxy: WGS84 from the lower left, one tile of 360 degrees on level 0",
    crs: "EPSG:4326",
    bbox: [-180, -90, 180, 90],
    origin: "sw",
    levels: 20,
  },
  {
    id: "LB93",
    title: "BlenderGIS: Lambert 93, halving",
    crs: "EPSG:2154",
    bbox: FRANCE,
    levels: BLENDER_GIS_LEVELS,
  },
  {
    id: "LB93_2",
    title: "BlenderGIS: Lambert 93 from the lower left, listed resolutions",
    crs: "EPSG:2154",
    bbox: FRANCE,
    origin: "sw",
    resolutions: [4000, 2000, 1000, 500, 250, 100, 50, 25, 10, 5, 2, 1, 0.5, 0.25, 0.1],
  },
  {
    id: "LB93_CRAIG",
    title: "BlenderGIS: Lambert 93 of the CRAIG's WMTS",
    crs: "EPSG:2154",
    bbox: [-357_823.23, 6_037_001.46, 1_313_634.34, 7_230_727.37],
    maxResolution: 1354.666,
    levels: BLENDER_GIS_LEVELS,
  },
];

export const TOOL_GRIDS: readonly KnownGrid[] = PARTS.map((parts) => ({
  id: parts.id,
  title: parts.title,
  crs: parts.crs,
  aliases: [],
  make: () => makeGrid(parts),
}));
