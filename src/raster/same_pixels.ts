import { applyAffine } from "./affine.ts";
import type { Affine, RasterInfo } from "./raster.ts";

/** Share of a pixel by which two places may differ and still be one: files round their numbers. */
const TOLERANCE_PIXELS = 1e-3;

/** Do both have the same pixels on the ground? Without a place on one side, the size decides. */
export function samePixels(a: RasterInfo, b: RasterInfo): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  if (a.crs !== null && b.crs !== null && a.crs.definition !== b.crs.definition) return false;
  if (a.affine === null || b.affine === null) return true;
  const corners: readonly [number, number][] = [
    [0, 0],
    [a.width, 0],
    [0, a.height],
  ];
  const pixel = Math.min(Math.hypot(a.affine[0], a.affine[3]), Math.hypot(a.affine[1], a.affine[4]));
  return corners.every(([column, row]) => {
    const [x, y] = applyAffine(a.affine as Affine, column, row);
    const [otherX, otherY] = applyAffine(b.affine as Affine, column, row);
    return Math.hypot(x - otherX, y - otherY) <= TOLERANCE_PIXELS * pixel;
  });
}
