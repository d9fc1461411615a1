import { TilthError } from "../core/index.ts";
import { createTransform, type Crs, type CrsTransform } from "../crs/index.ts";

/** Where an image lies: pixel x, y (0,0 = upper left corner of the first pixel, y down) is CRS `origin[0] + x * cellWidth`, `origin[1] - y * cellHeight`. */
export interface RasterPlace {
  readonly crs: Crs;
  /** Upper left corner, CRS units, x first. */
  readonly origin: readonly [x: number, y: number];
  /** CRS units for one pixel, both positive. */
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** From pixels of one place to pixels of another. */
export interface PixelTransform {
  /** Pixels of the source after which its columns begin anew (a whole turn of the Earth); null where they never do. */
  readonly period: number | null;
  /** Changes `[x0, y0, ...]` in place, NaN for points without an image; returns how many those are. */
  apply(coords: Float64Array, count?: number): number;
}

/**
 * From destination pixels to source pixels.
 * @param between from the destination's CRS to the source's; null when they are the same
 * @throws `crs.unsupported`
 */
export function createPixelTransform(
  destination: RasterPlace,
  source: RasterPlace,
  between: CrsTransform | null = transformBetween(destination.crs, source.crs),
): PixelTransform {
  for (const place of [destination, source]) requirePlace(place);
  const [left, top] = destination.origin;
  const [sourceLeft, sourceTop] = source.origin;
  const apply = (coords: Float64Array, count = coords.length / 2): number => {
    for (let i = 0; i < count * 2; i += 2) {
      coords[i] = left + (coords[i] as number) * destination.cellWidth;
      coords[i + 1] = top - (coords[i + 1] as number) * destination.cellHeight;
    }
    const lost = between === null ? 0 : between.apply(coords, count);
    for (let i = 0; i < count * 2; i += 2) {
      coords[i] = ((coords[i] as number) - sourceLeft) / source.cellWidth;
      coords[i + 1] = (sourceTop - (coords[i + 1] as number)) / source.cellHeight;
    }
    return lost;
  };
  const turn = turnOf(source.crs);
  return { period: turn === null ? null : turn / source.cellWidth, apply };
}

/** Null for one and the same system. */
export function transformBetween(from: Crs, to: Crs): CrsTransform | null {
  return from.definition === to.definition ? null : createTransform(from, to);
}

/** CRS units of a whole turn around the Earth along x; null for systems whose x depends on the latitude too. */
export function turnOf(crs: Crs): number | null {
  if (!crs.separable) return null;
  if (crs.kind === "geographic") return 360;
  // 90 degrees off the middle line: a whole turn would be one point.
  const [west, south, east, north] = crs.areaOfUse;
  const lon = west <= east ? (west + east) / 2 : (west + east + 360) / 2;
  const lat = (south + north) / 2;
  const quarter = crs.fromLonLat(lon + 45, lat)[0] - crs.fromLonLat(lon - 45, lat)[0];
  return Number.isFinite(quarter) && quarter > 0 ? 4 * quarter : null;
}

function requirePlace({ origin, cellWidth, cellHeight }: RasterPlace): void {
  if (origin.every(Number.isFinite) && cellWidth > 0 && cellHeight > 0) return;
  throw new TilthError(
    "argument.invalid",
    `expected a finite origin and positive cell sizes, got ${origin.join(", ")} and ${cellWidth} x ${cellHeight}`,
    { fields: { origin, cellWidth, cellHeight } },
  );
}
