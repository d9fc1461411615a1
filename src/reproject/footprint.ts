import type { Bbox } from "../geo/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { reachOf, type Resampling } from "./resampling.ts";

/** Pixels that a block reads to either side of its positions; 1 where its scale is not known: hardly a pixel of it has an image. */
export function blockReach({ scale }: ControlBlock, resampling: Resampling): [x: number, y: number] {
  const [x, y] = scale.map((one) => (Number.isFinite(one) ? reachOf(resampling, 1 / one) : 1));
  return [x as number, y as number];
}

/** Destination pixels of the squares whose source boxes are listed: smaller ones follow a rotated image closer. */
const PIECE = 64;

/** Boxes of source pixels that a block reads, `reach` pixels to both sides of its positions and `reachY` above and below included; none for a block without any image. */
export function* listFootprint(block: ControlBlock, reach: number, reachY = reach): Generator<Bbox> {
  const isPiece = block.size <= PIECE && block.width === block.size && block.height === block.size;
  if (block.kind === "points" || isPiece) {
    const box = boxAround(block.positions, reach, reachY);
    if (box !== null) yield box;
    return;
  }
  for (let y = 0; y < block.height; y += PIECE) {
    for (let x = 0; x < block.width; x += PIECE) {
      const right = Math.min(block.width, x + PIECE);
      const bottom = Math.min(block.height, y + PIECE);
      // Positions are bilinear within a block, so a piece lies within its corners.
      const corners = [x, y, right, y, x, bottom, right, bottom];
      const box = boxAround(interpolate(block, corners), reach, reachY);
      if (box !== null) yield box;
    }
  }
}

function interpolate({ positions, size }: ControlBlock, pixels: readonly number[]): Float64Array {
  const out = new Float64Array(pixels.length);
  const at = (corner: number, axis: number): number => positions[2 * corner + axis] as number;
  for (let i = 0; i < pixels.length; i += 2) {
    const s = (pixels[i] as number) / size;
    const t = (pixels[i + 1] as number) / size;
    for (const axis of [0, 1]) {
      out[i + axis] =
        (at(0, axis) * (1 - t) + at(2, axis) * t) * (1 - s) + (at(1, axis) * (1 - t) + at(3, axis) * t) * s;
    }
  }
  return out;
}

/** Box around all places with an image, and `reach` more; null when there is none. */
export function boxAround(positions: Float64Array, reach: number, reachY: number): Bbox | null {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i += 2) {
    const x = positions[i] as number;
    const y = positions[i + 1] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    if (x < minX) minX = x;
    if (x > maxX) maxX = x;
    if (y < minY) minY = y;
    if (y > maxY) maxY = y;
  }
  return minX > maxX ? null : [minX - reach, minY - reachY, maxX + reach, maxY + reachY];
}
