import { TilthError } from "../../core/index.ts";
import type { Crs } from "../../crs/index.ts";
import type { Bbox } from "../../geo/index.ts";
import { applyAffine, type Affine, type RasterInfo } from "../../raster/index.ts";
import { transformBetween, turnOf } from "../raster_place.ts";

/** The pixels that a raster is warped to: north up, `affine` of corners. */
export interface WarpTarget {
  readonly crs: Crs;
  readonly affine: Affine;
  readonly width: number;
  readonly height: number;
}

export interface TargetOptions {
  /** CRS units for one pixel. @default as many pixels along the diagonal as the source has */
  readonly resolution?: number | readonly [x: number, y: number];
  /** In units of the target's CRS, x first. @default where the source lies */
  readonly extent?: Bbox;
  /** Instead of a resolution. */
  readonly size?: readonly [width: number, height: number];
}

/** Points along one side of the source that are looked at: what bends between them is missed by less than a thousandth of the side. */
const STEPS = 64;

/**
 * The target that holds the whole source at about its own resolution: what GDAL suggests for the same question, but that
 * a source across the antimeridian stays in one piece.
 * @throws `raster.unsupported` without place or CRS, `crs.unsupported`, `argument.invalid`
 */
export function suggestTarget(info: RasterInfo, crs: Crs, options: TargetOptions = {}): WarpTarget {
  const place = requirePlace(info);
  const [minX, minY, maxX, maxY] = options.extent ?? imageExtent(info, place, crs);
  if (![minX, minY, maxX, maxY].every(Number.isFinite) || !(minX < maxX && minY < maxY))
    throw new TilthError("bbox.invalid", `expected an extent minX,minY,maxX,maxY, got ${minX},${minY},${maxX},${maxY}`);
  const diagonal = imageDiagonal(info, place, crs) ?? Math.hypot(maxX - minX, maxY - minY);
  const [cellWidth, cellHeight] = cellOf(
    [maxX - minX, maxY - minY],
    diagonal / Math.hypot(info.width, info.height),
    options,
  );
  const width = Math.max(1, Math.round((maxX - minX) / cellWidth));
  const height = Math.max(1, Math.round((maxY - minY) / cellHeight));
  if (width * height > MAX_PIXELS)
    throw new TilthError("argument.invalid", `expected at most ${MAX_PIXELS} pixels, got ${width} x ${height}`);
  return { crs, affine: [cellWidth, 0, minX, 0, -cellHeight, maxY], width, height };
}

/** The largest image that a TIFF with blocks of 256 has room to list. */
const MAX_PIXELS = 2 ** 45;

/** @throws `raster.unsupported` for a raster that lies nowhere */
export function requirePlace({ crs, crsNote, affine, placeNote }: RasterInfo): { crs: Crs; affine: Affine } {
  if (crs === null) throw new TilthError("raster.unsupported", `expected a raster with a CRS, got none: ${crsNote}`);
  if (affine === null)
    throw new TilthError("raster.unsupported", `expected a raster with a place, got none: ${placeNote}`);
  return { crs, affine };
}

function cellOf(
  [spanX, spanY]: readonly [number, number],
  even: number,
  { resolution, size }: TargetOptions,
): readonly [number, number] {
  if (resolution !== undefined && size !== undefined)
    throw new TilthError("argument.invalid", "expected a resolution or a size, got both");
  if (size !== undefined) {
    const isWhole = size.every((side) => Number.isInteger(side) && side >= 1);
    if (!isWhole) throw new TilthError("argument.invalid", `expected a size of 1 or more, got ${size.join(" x ")}`);
    return [spanX / size[0], spanY / size[1]];
  }
  const [x, y] = typeof resolution === "object" ? resolution : [resolution ?? even, resolution ?? even];
  if (x > 0 && y > 0 && Number.isFinite(x + y)) return [x, y];
  throw new TilthError("argument.invalid", `expected a resolution above 0, got ${x} x ${y}`);
}

/** Where the image comes to lie in another CRS. */
export function imageExtent(info: RasterInfo, place: { crs: Crs; affine: Affine }, crs: Crs): Bbox {
  const points = latticeOver(info, place.affine);
  const between = transformBetween(place.crs, crs);
  between?.apply(points, points.length / 2);
  const turn = between === null ? null : turnOf(crs);
  const middle = points[2 * Math.floor(points.length / 4)] as number;
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const [px, y] = [points[i] as number, points[i + 1] as number];
    if (!Number.isFinite(px) || !Number.isFinite(y)) continue;
    const x = turn === null || !Number.isFinite(middle) ? px : px + turn * Math.round((middle - px) / turn);
    [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
  }
  if (minX < maxX && minY < maxY) return [minX, minY, maxX, maxY];
  throw new TilthError("crs.unsupported", `no part of the raster has an image in ${crs.name}`);
}

/** Between the images of the first and the last corner; null when one has none. */
function imageDiagonal({ width, height }: RasterInfo, place: { crs: Crs; affine: Affine }, crs: Crs): number | null {
  const corners = Float64Array.of(...applyAffine(place.affine, 0, 0), ...applyAffine(place.affine, width, height));
  transformBetween(place.crs, crs)?.apply(corners, 2);
  const [x0, y0, x1, y1] = corners as unknown as [number, number, number, number];
  const length = Math.hypot(x1 - x0, y1 - y0);
  return Number.isFinite(length) && length > 0 ? length : null;
}

/** x, y of points over the whole image, its border included. */
function latticeOver({ width, height }: RasterInfo, affine: Affine): Float64Array {
  const points = new Float64Array(2 * (STEPS + 1) ** 2);
  for (let row = 0, at = 0; row <= STEPS; row++)
    for (let column = 0; column <= STEPS; column++, at += 2)
      points.set(applyAffine(affine, (column * width) / STEPS, (row * height) / STEPS), at);
  return points;
}
