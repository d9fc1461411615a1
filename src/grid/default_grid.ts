import { TilthError } from "../core/index.ts";
import type { Crs } from "../crs/index.ts";
import type { Bbox } from "../geo/index.ts";
import { projectArea } from "./projected_area.ts";
import { quadGrid } from "./quad_grid.ts";
import type { TileMatrixSet } from "./tile_matrix_set.ts";

const TILE_SIZE = 256;

/** The finest cell is the power of two that is nearest to this, metres. */
const FINEST_CELL_M = 0.05;

/** Level 0 of a system of the whole Earth in kilometres has cells of 2^7; 40 leaves room for any unit. */
const MAX_EXPONENT = 40;

/**
 * The grid of a CRS that has none of its own. Longitude and latitude in degrees: the tiles of WorldCRS84Quad on that datum. Else a quad tree of 256 px tiles, called by the code of the CRS. Every cell size is a power of two in
 * CRS units, so that all borders are exact numbers. Level 0 is one tile, the smallest that holds the area of use when its upper left corner is
 * the area's, moved out to a multiple of its cell; the finest cell is the power of two nearest to 0.05 m. A small change of the area of
 * use in another release of the EPSG dataset therefore leaves the grid as it is.
 * @throws `grid.invalid` when the CRS has no image of its area of use
 */
export function defaultGrid(crs: Crs): TileMatrixSet {
  if (crs.kind === "geographic" && crs.unit === "degree") return degreeGrid(crs);
  const area = projectArea(crs, crs.areaOfUse);
  if (area === null) throw noArea(crs);
  const finest = Math.round(Math.log2(FINEST_CELL_M / crs.metresPerUnit));
  for (let exponent = finest; exponent <= MAX_EXPONENT; exponent++) {
    const pointOfOrigin = findOrigin(area, 2 ** exponent);
    if (pointOfOrigin === null) continue;
    const tileSpan = TILE_SIZE * 2 ** exponent;
    const maxZoom = exponent - finest;
    return quadGrid({ id: crs.code, title: crs.name, crs, pointOfOrigin, tileSpan, columns: 1, rows: 1, maxZoom });
  }
  throw noArea(crs);
}

/** 0.703125 degrees / 2^21 are 0.037 m. */
const DEGREE_MAX_ZOOM = 21;

function degreeGrid(crs: Crs): TileMatrixSet {
  const whole = { pointOfOrigin: [-180, 90], tileSpan: 180, columns: 2, rows: 1 } as const;
  return quadGrid({ id: crs.code, title: crs.name, crs, ...whole, maxZoom: DEGREE_MAX_ZOOM });
}

/** Upper left corner on multiples of the cell; null when one tile from there does not hold the area. */
function findOrigin([minX, minY, maxX, maxY]: Bbox, cell: number): [x: number, y: number] | null {
  const left = Math.floor(minX / cell) * cell;
  const top = Math.ceil(maxY / cell) * cell;
  const span = TILE_SIZE * cell;
  return left + span >= maxX && top - span <= minY ? [left, top] : null;
}

function noArea(crs: Crs): TilthError {
  return new TilthError(
    "grid.invalid",
    `expected a CRS whose area of use has an image, got ${crs.code} with [${crs.areaOfUse.join(", ")}]; describe the grid with a bbox`,
    { fields: { crs: crs.code } },
  );
}
