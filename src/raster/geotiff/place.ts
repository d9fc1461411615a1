import type { Affine } from "../raster.ts";
import type { FieldValues } from "./field_values.ts";
import { TAG } from "./tiff_tags.ts";

export interface Place {
  readonly affine: Affine | null;
  readonly note: string;
}

/** Where the image lies by its own fields: GeoTIFF 1.1, requirement class 7.3. @param isPoint its coordinates speak of the pixels' middles */
export async function readPlace(fields: FieldValues, isPoint: boolean): Promise<Place> {
  const matrix = await fields.findNumbers(TAG.modelTransformation);
  if (matrix !== null && matrix.length === 16) {
    const [a = 0, b = 0, , c = 0, d = 0, e = 0, , f = 0] = matrix;
    return place([a, b, c, d, e, f], isPoint, "a transformation");
  }
  const tiepoints = (await fields.findNumbers(TAG.modelTiepoint)) ?? [];
  const scale = await fields.findNumbers(TAG.modelPixelScale);
  if (scale === null || !(scale.length >= 2) || scale[0] === 0 || scale[1] === 0) return byPointsAlone(tiepoints);
  if (tiepoints.length < 6) return { affine: null, note: "the file gives the size of its pixels, but no place" };
  const [column = 0, row = 0, , x = 0, y = 0] = tiepoints;
  // A negative height is a mistake of some writers: rows always run to the south here.
  const width = scale[0] as number;
  const height = Math.abs(scale[1] as number);
  return place([width, 0, x - column * width, 0, -height, y + row * height], isPoint, "a tie point and a pixel size");
}

function byPointsAlone(tiepoints: readonly number[]): Place {
  const count = Math.floor(tiepoints.length / 6);
  if (count === 0) return { affine: null, note: "the file says nothing about its place" };
  return { affine: null, note: `the file gives ${count} ground control points, through which no one affine goes` };
}

/** From the middle of the first pixel to its corner. */
export function fromMiddle([a, b, c, d, e, f]: Affine): Affine {
  return [a, b, c - a * 0.5 - b * 0.5, d, e, f - d * 0.5 - e * 0.5];
}

function place(affine: Affine, isPoint: boolean, note: string): Place {
  const [a, b, , d, e] = affine;
  if (!affine.every(Number.isFinite) || a * e - b * d === 0)
    return { affine: null, note: "the file gives a place without area" };
  return { affine: isPoint ? fromMiddle(affine) : affine, note };
}
