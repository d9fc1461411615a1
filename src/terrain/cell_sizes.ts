import { TilthError } from "../core/index.ts";
import type { RasterInfo } from "../raster/index.ts";
import type { CellSize } from "./height_block.ts";

/** WGS 84; other ellipsoids differ by 1 in 10,000. */
const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.006_694_379_990_14;
const RADIANS = Math.PI / 180;

export interface CellSizeOptions {
  /** Units of height in one of the CRS: then no latitude counts, as with gdaldem. @default null */
  readonly scale?: number | null;
  /** Cells of a Mercator map (or any that is separable) are as long as they are on the ground: at 60 degrees half of what the CRS says. @default false, as with gdaldem */
  readonly onGround?: boolean;
}

/**
 * Sizes of a raster's cells in units of height, by row. Of a geographic raster metres, which get fewer towards the poles; of any other what its CRS has, unless `onGround`.
 * @throws `raster.unsupported` for a raster without a place, or one that is not north-up
 */
export function cellSizes(
  info: RasterInfo,
  { scale = null, onGround = false }: CellSizeOptions = {},
): (row: number) => CellSize {
  const [a, , c, , e, f] = requireNorthUp(info);
  const flat = { width: a * (scale ?? 1), height: -e * (scale ?? 1) };
  const { crs } = info;
  if (scale !== null || crs === null) return () => flat;
  if (crs.kind === "geographic") return (row) => degreesToMetres(f + e * (row + 0.5), { width: a, height: -e });
  if (!onGround || !crs.separable) return () => flat;
  return (row) => {
    const [west, north] = crs.toLonLat(c, f + e * row);
    const [east, south] = crs.toLonLat(c + a, f + e * (row + 1));
    const sizes = degreesToMetres((north + south) / 2, { width: Math.abs(east - west), height: north - south });
    return Number.isFinite(sizes.width + sizes.height) ? sizes : flat;
  };
}

/** Lengths of parts of the parallel and of the meridian (Snyder, Map Projections, 1987, 3-21 and 4-15). */
function degreesToMetres(latitude: number, degrees: CellSize): CellSize {
  const sine = Math.sin(latitude * RADIANS);
  const root = Math.sqrt(1 - ECCENTRICITY_2 * sine * sine);
  const meridian = (SEMI_MAJOR_M * (1 - ECCENTRICITY_2)) / root ** 3;
  const parallel = (SEMI_MAJOR_M / root) * Math.cos(latitude * RADIANS);
  // At the pole itself cells have no width.
  return {
    width: Math.max(degrees.width * RADIANS * parallel, 1e-3),
    height: degrees.height * RADIANS * meridian,
  };
}

function requireNorthUp({ affine, placeNote }: RasterInfo): NonNullable<RasterInfo["affine"]> {
  if (affine === null)
    throw new TilthError("raster.unsupported", `expected a DEM with a place, got none (${placeNote}); warp it first`);
  const [a, b, , d, e] = affine;
  if (a > 0 && e < 0 && b === 0 && d === 0) return affine;
  const message = "expected a DEM whose rows go east and whose columns go south, got one that is turned or flipped";
  throw new TilthError("raster.unsupported", `${message}; warp it first`, { fields: { affine } });
}
