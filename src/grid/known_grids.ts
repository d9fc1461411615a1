import { TilthError } from "../core/index.ts";
import { findCrs, getCrs, WEB_MERCATOR_EXTENT_M, type Crs } from "../crs/index.ts";
import { STANDARD_PIXEL_SIZE_M, TileMatrixSet, type TileMatrix } from "./tile_matrix_set.ts";

/** Deepest level of the built-in grids: 2^30 columns keep tile numbers exact in 32 bits. */
const MAX_ZOOM = 30;

export interface QuadGridOptions {
  id: string;
  title: string;
  crs: Crs;
  /** Top left corner, CRS units. */
  pointOfOrigin: readonly [x: number, y: number];
  /** Width of a whole tile on level 0, CRS units. */
  tileSpan: number;
  /** Tiles on level 0. */
  columns: number;
  rows: number;
  /** Pixels; 256 unless said. */
  tileSize?: number;
  /** Levels 0..maxZoom. */
  maxZoom?: number;
}

/** A grid whose every level halves the cell size of the one before. */
export function quadGrid(options: QuadGridOptions): TileMatrixSet {
  const { tileSize = 256, maxZoom = MAX_ZOOM, crs } = options;
  const matrices = Array.from({ length: maxZoom + 1 }, (_, z): TileMatrix => {
    const cellSize = options.tileSpan / tileSize / 2 ** z;
    return {
      id: String(z),
      scaleDenominator: (cellSize * crs.metresPerUnit) / STANDARD_PIXEL_SIZE_M,
      cellSize,
      pointOfOrigin: options.pointOfOrigin,
      tileWidth: tileSize,
      tileHeight: tileSize,
      matrixWidth: options.columns * 2 ** z,
      matrixHeight: options.rows * 2 ** z,
    };
  });
  return new TileMatrixSet({ id: options.id, title: options.title, crs, matrices });
}

/** OGC WebMercatorQuad (17-083r4, D.1), with `tileSize` pixels a tile. */
export function webMercatorQuad(tileSize = 256): TileMatrixSet {
  return quadGrid({
    id: "WebMercatorQuad",
    title: "Google Maps Compatible for the World",
    crs: getCrs("EPSG:3857"),
    pointOfOrigin: [-WEB_MERCATOR_EXTENT_M, WEB_MERCATOR_EXTENT_M],
    tileSpan: 2 * WEB_MERCATOR_EXTENT_M,
    columns: 1,
    rows: 1,
    tileSize,
  });
}

/** OGC WorldCRS84Quad (17-083r4, D.2): two tiles on level 0; longitude first. */
export function worldCrs84Quad(tileSize = 256): TileMatrixSet {
  return quadGrid({
    id: "WorldCRS84Quad",
    title: "CRS84 for the World",
    crs: getCrs("OGC:CRS84"),
    pointOfOrigin: [-180, 90],
    tileSpan: 180,
    columns: 2,
    rows: 1,
    tileSize,
  });
}

const MAKERS: Readonly<Record<string, (tileSize?: number) => TileMatrixSet>> = {
  WebMercatorQuad: webMercatorQuad,
  WorldCRS84Quad: worldCrs84Quad,
};

const GRID_ALIASES: Readonly<Record<string, string>> = {
  webmercatorquad: "WebMercatorQuad",
  googlemapscompatible: "WebMercatorQuad",
  "epsg:3857": "WebMercatorQuad",
  worldcrs84quad: "WorldCRS84Quad",
  "epsg:4326": "WorldCRS84Quad",
  "ogc:crs84": "WorldCRS84Quad",
};

/** Names of the built-in grids. */
export function listGrids(): readonly string[] {
  return Object.keys(MAKERS);
}

/** A built-in grid by its OGC name, an alias or its CRS; null when there is none. */
export function findGrid(name: string, tileSize = 256): TileMatrixSet | null {
  const key = GRID_ALIASES[name.toLowerCase()] ?? GRID_ALIASES[(findCrs(name)?.code ?? "").toLowerCase()];
  const make = key === undefined ? undefined : MAKERS[key];
  return make === undefined ? null : make(tileSize);
}

/** @throws `grid.unknown` */
export function getGrid(name: string, tileSize = 256): TileMatrixSet {
  const grid = findGrid(name, tileSize);
  if (grid !== null) return grid;
  throw new TilthError("grid.unknown", `expected a grid of ${listGrids().join(", ")} or its CRS, got '${name}'`, {
    fields: { grid: name },
  });
}
