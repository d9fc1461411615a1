import { throwIfAborted, TilthError } from "../../core/index.ts";
import { createTransform, type Crs } from "../../crs/index.ts";
import type { Affine, Raster } from "../../raster/index.ts";
import { measureOf, type LineMeasure, type Position } from "./line_measure.ts";
import { checkLines, placesOn, type LinePlace } from "./sample_line.ts";
import { sampleHeights, type HeightSampling } from "./sample_heights.ts";

export interface ProfileOptions {
  /** Of the lines; straight in it from one position to the next. @default the DEM's */
  readonly lineCrs?: Crs | null;
  /** Metres between places (units of the CRS where it is unknown). @default the shorter side of a cell where the first line begins */
  readonly step?: number;
  /** @default "bilinear" */
  readonly sampling?: HeightSampling;
  /** Index from 0. @default 0 */
  readonly band?: number;
  readonly signal?: AbortSignal;
}

/** A place on a line, and how high it is. */
export interface ProfilePlace extends LinePlace {
  /** Null off the DEM, and where it has no height. */
  readonly height: number | null;
}

/** Places that are looked up together. */
const BATCH_PLACES = 4096;

/**
 * Heights along lines, some thousand places at a time: the beginning of each line, a place each step, its end. Distances are metres: on the
 * ellipsoid for lines in degrees, else on the plane of their CRS.
 * @throws `argument.invalid` for lines or a step that make no sense, and for more than 10,000,000 places; `raster.unsupported` for a DEM without
 * a place; `crs.unsupported`; what reading throws; `cancelled`
 */
export function listProfile(
  raster: Raster,
  lines: readonly (readonly Position[])[],
  options: ProfileOptions = {},
): AsyncGenerator<ProfilePlace[], void, undefined> {
  const { info } = raster;
  const inverse = inverseOf(info);
  const lineCrs = options.lineCrs === undefined ? info.crs : options.lineCrs;
  const measure = measureOf(lineCrs);
  const toPixels = pixelsFrom(inverse, lineCrs, info.crs);
  const step = options.step ?? cellStep(lines, toPixels, measure);
  checkLines(lines, step, measure);
  return look(raster, placesOn(lines, step, measure), toPixels, options);
}

async function* look(
  raster: Raster,
  places: Iterable<LinePlace>,
  toPixels: (positions: readonly Position[]) => Position[],
  { sampling = "bilinear", band = 0, signal }: ProfileOptions,
): AsyncGenerator<ProfilePlace[], void, undefined> {
  let batch: LinePlace[] = [];
  const finish = async (): Promise<ProfilePlace[]> => {
    throwIfAborted(signal);
    const pixels = toPixels(batch.map(({ position }) => position));
    const heights = await sampleHeights(raster, pixels, { band, sampling, signal });
    return batch.map((place, i) => ({ ...place, height: heights[i] ?? null }));
  };
  for (const place of places) {
    batch.push(place);
    if (batch.length < BATCH_PLACES) continue;
    yield await finish();
    batch = [];
  }
  if (batch.length > 0) yield await finish();
}

function inverseOf({ affine, placeNote }: Raster["info"]): Affine {
  const [a, b, c, d, e, f] = affine ?? [0, 0, 0, 0, 0, 0];
  const area = a * e - b * d;
  if (area !== 0) return [e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area];
  throw new TilthError("raster.unsupported", `expected a DEM with a place, got none (${placeNote}); warp it first`);
}

function pixelsFrom(inverse: Affine, from: Crs | null, to: Crs | null): (positions: readonly Position[]) => Position[] {
  if (from !== null && to === null)
    throw new TilthError("crs.unknown", "expected a DEM whose file names its CRS, for the line has one; give none");
  const transform = from === null || to === null || from.code === to.code ? null : createTransform(from, to);
  const [a, b, c, d, e, f] = inverse;
  return (positions) => {
    const coordinates = Float64Array.from(positions.flat());
    transform?.apply(coordinates);
    return positions.map((_, i) => {
      const [x, y] = [coordinates[2 * i] as number, coordinates[2 * i + 1] as number];
      return [a * x + b * y + c, d * x + e * y + f];
    });
  };
}

/** The way along the line that one cell takes at its beginning. */
function cellStep(
  lines: readonly (readonly Position[])[],
  toPixels: (positions: readonly Position[]) => Position[],
  measure: LineMeasure,
): number {
  const [from, next] = lines[0] ?? [];
  if (from === undefined || next === undefined) return 1;
  // A short way from there, in both directions of the CRS: how many cells does it take?
  const size = Math.max(Math.abs(next[0] - from[0]), Math.abs(next[1] - from[1]), 1e-9) * 1e-3;
  const steps = (
    [
      [size, 0],
      [0, size],
    ] as const
  ).map(([dx, dy]) => {
    const to = [from[0] + dx, from[1] + dy] as const;
    const [start = [0, 0], end = [0, 0]] = toPixels([from, to]);
    return measure.length({ from, to }, 1) / Math.hypot(end[0] - start[0], end[1] - start[1]);
  });
  const step = Math.min(...steps);
  return Number.isFinite(step) && step > 0 ? step : 1;
}
