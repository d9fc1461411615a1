import type { Bbox } from "../../geo/index.ts";
import type { PixelRect } from "../../raster/index.ts";
import { buildControlMesh, type ControlBlock } from "../control_mesh.ts";
import { listFootprint } from "../footprint.ts";
import type { PixelTransform } from "../raster_place.ts";

/** A part of the target with what it reads: positions are those of the source level. */
export interface WarpPart {
  readonly rect: PixelRect;
  readonly blocks: readonly ControlBlock[];
  /** Source pixels that are read: columns may lie beyond the image where it goes around the Earth. Null where there is no image. */
  readonly window: PixelRect | null;
}

export interface PartPlan {
  /** Of the target, from `x`, `y` on. */
  readonly transformAt: (place: { x: number; y: number }) => PixelTransform;
  /** Of the source level that is read. */
  readonly source: { readonly width: number; readonly height: number };
  readonly reach: readonly [x: number, y: number];
  /** Destination pixels for one pixel of the level. */
  readonly scale: readonly [x: number, y: number];
  /** Source pixels by which a position may be off. */
  readonly maxErrorPixels: number;
}

/** Source pixels that one part reads at most before it is cut into four. */
const MAX_PIXELS = 4 * 1024 * 1024;
const SMALLEST = 16;

/** Of a turn around the Earth: within so much of it positions tell which way round they go. */
const SHARE_OF_TURN = 1 / 8;

/** A part, or the smaller ones that it is cut into so that each reads a bounded window of the source. */
export function* planParts(rect: PixelRect, plan: PartPlan): Generator<WarpPart> {
  const transform = plan.transformAt(rect);
  const side = Math.max(rect.width, rect.height);
  const most = transform.period === null ? Infinity : Math.max(4, transform.period * SHARE_OF_TURN * plan.scale[0]);
  if (side > most) {
    for (const quarter of listQuarters(rect)) yield* planParts(quarter, plan);
    return;
  }
  const blocks = buildControlMesh(transform, rect.width, rect.height, plan.maxErrorPixels).map((block) =>
    nearFirstColumn(block, transform.period),
  );
  const window = windowOf(blocks, plan, transform.period);
  const isSmall = window === null || window.width * window.height <= MAX_PIXELS;
  if (isSmall || side <= SMALLEST) yield { rect, blocks, window };
  else for (const quarter of listQuarters(rect)) yield* planParts(quarter, plan);
}

function* listQuarters({ x, y, width, height }: PixelRect): Generator<PixelRect> {
  const [left, top] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  yield { x, y, width: left, height: top };
  if (width > left) yield { x: x + left, y, width: width - left, height: top };
  if (height > top) yield { x, y: y + top, width: left, height: height - top };
  if (width > left && height > top) yield { x: x + left, y: y + top, width: width - left, height: height - top };
}

/** Columns a whole turn away are the same: those within the first turn are taken. */
function nearFirstColumn(block: ControlBlock, period: number | null): ControlBlock {
  if (period === null) return block;
  const [first] = [...listFootprint(block, 0)];
  const shift = first === undefined ? 0 : -period * Math.floor((first[0] + first[2]) / 2 / period);
  if (shift === 0) return block;
  return { ...block, positions: block.positions.map((value, i) => (i % 2 === 0 ? value + shift : value)) };
}

function windowOf(
  blocks: readonly ControlBlock[],
  { source, reach }: PartPlan,
  period: number | null,
): PixelRect | null {
  let box: Bbox | null = null;
  for (const block of blocks)
    for (const one of listFootprint(block, ...reach))
      box =
        box === null
          ? one
          : [Math.min(box[0], one[0]), Math.min(box[1], one[1]), Math.max(box[2], one[2]), Math.max(box[3], one[3])];
  if (box === null) return null;
  const isEndless = period !== null && source.width >= period - 0.5;
  const left = isEndless ? Math.floor(box[0]) : Math.max(0, Math.floor(box[0]));
  const right = isEndless ? Math.ceil(box[2]) : Math.min(source.width, Math.ceil(box[2]));
  const top = Math.max(0, Math.floor(box[1]));
  const bottom = Math.min(source.height, Math.ceil(box[3]));
  return left < right && top < bottom ? { x: left, y: top, width: right - left, height: bottom - top } : null;
}
