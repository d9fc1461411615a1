import type { CrsTransform } from "../../crs/index.ts";
import type { RasterInfo } from "../../raster/index.ts";
import type { Resampling } from "../resampling.ts";
import { partTransform } from "./affine_transform.ts";
import type { requirePlace, WarpTarget } from "./warp_target.ts";

/** The image or overview that a warp reads. */
export interface SourceLevel {
  readonly overview: number | undefined;
  readonly width: number;
  readonly height: number;
  /** Pixels of the image for one of the level. */
  readonly factor: readonly [x: number, y: number];
  /** Destination pixels for one of the level. */
  readonly scale: readonly [x: number, y: number];
}

/**
 * One level for the whole warp, and one widening of filters, so that windows join: the coarsest that is still finer than the target, as gdalwarp
 * takes it. Nearest reads the image itself: an overview may hold means of classes.
 */
export function chooseLevel(
  info: RasterInfo,
  target: WarpTarget,
  place: ReturnType<typeof requirePlace>,
  between: CrsTransform | null,
  resampling: Resampling,
): SourceLevel {
  const scale = meanScale(info, target, place, between);
  const none: SourceLevel = { overview: undefined, width: info.width, height: info.height, factor: [1, 1], scale };
  if (resampling === "nearest") return none;
  const levels = info.overviews.map(({ width, height }, overview): SourceLevel => {
    const factor = [info.width / width, info.height / height] as const;
    return { overview, width, height, factor, scale: [scale[0] * factor[0], scale[1] * factor[1]] };
  });
  return levels.findLast((level) => Math.max(...level.scale) <= 1) ?? none;
}

/** Target pixels by which the image is looked at. */
const STEPS = 32;

/** Target pixels for one source pixel along both axes of the source: the target's pixels over the source's part that it covers. */
function meanScale(
  info: RasterInfo,
  target: WarpTarget,
  place: ReturnType<typeof requirePlace>,
  between: CrsTransform | null,
): readonly [number, number] {
  const points = new Float64Array(2 * (STEPS + 1) ** 2);
  for (let row = 0, at = 0; row <= STEPS; row++)
    for (let column = 0; column <= STEPS; column++) {
      points[at++] = (column * target.width) / STEPS;
      points[at++] = (row * target.height) / STEPS;
    }
  partTransform(target, { x: 0, y: 0 }, place, between, [1, 1]).apply(points);
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i] as number, points[i + 1] as number];
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    [minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
  }
  const across = Math.min(info.width, Math.ceil(maxX)) - Math.max(0, Math.floor(minX));
  const down = Math.min(info.height, Math.ceil(maxY)) - Math.max(0, Math.floor(minY));
  return [across > 0 ? target.width / across : 1, down > 0 ? target.height / down : 1];
}
