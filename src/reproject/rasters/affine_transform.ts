import type { CrsTransform } from "../../crs/index.ts";
import { applyAffine, invertAffine, type Affine } from "../../raster/index.ts";
import { turnOf, type PixelTransform } from "../raster_place.ts";
import type { WarpTarget } from "./warp_target.ts";

/**
 * From pixels of a part of the target, that begins at column `x` and row `y`, to pixels of a source of any affine, rotated or upside down.
 * @param factor source pixels for one pixel of the overview that is read
 */
export function partTransform(
  target: WarpTarget,
  { x, y }: { x: number; y: number },
  source: { affine: Affine; crs: WarpTarget["crs"] },
  between: CrsTransform | null,
  factor: readonly [x: number, y: number],
): PixelTransform {
  const inverse = invertAffine(source.affine);
  const apply = (coords: Float64Array, count = coords.length / 2): number => {
    for (let i = 0; i < 2 * count; i += 2) {
      const place = applyAffine(target.affine, x + (coords[i] as number), y + (coords[i + 1] as number));
      [coords[i], coords[i + 1]] = place;
    }
    const lost = between === null ? 0 : between.apply(coords, count);
    for (let i = 0; i < 2 * count; i += 2) {
      const [column, row] = applyAffine(inverse, coords[i] as number, coords[i + 1] as number);
      coords[i] = column / factor[0];
      coords[i + 1] = row / factor[1];
    }
    return lost;
  };
  return { period: periodOf(source, factor[0]), apply };
}

/** Columns of the source that go once around the Earth; null where they do not. */
function periodOf({ affine, crs }: { affine: Affine; crs: WarpTarget["crs"] }, factor: number): number | null {
  const turn = affine[1] === 0 && affine[3] === 0 && affine[0] > 0 ? turnOf(crs) : null;
  return turn === null ? null : turn / affine[0] / factor;
}
