import type { Affine } from "./raster.ts";

/** CRS coordinates of a place in pixels. */
export function applyAffine([a, b, c, d, e, f]: Affine, column: number, row: number): [x: number, y: number] {
  return [a * column + b * row + c, d * column + e * row + f];
}

/** From CRS coordinates to pixels. The affine of a raster can always be turned around: a file with another one has no place. */
export function invertAffine([a, b, c, d, e, f]: Affine): Affine {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

/** The place of the pixels from column `x`, row `y` on. */
export function shiftAffine(affine: Affine, x: number, y: number): Affine {
  const [left, top] = applyAffine(affine, x, y);
  return [affine[0], affine[1], left, affine[3], affine[4], top];
}
