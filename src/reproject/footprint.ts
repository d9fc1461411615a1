import type { Bbox } from "../geo/index.ts";
import { LARGEST_GROUP, squaresOf, type ControlBlock } from "./control_mesh.ts";
import { reachOf, type Resampling } from "./resampling.ts";

/** Pixels that a block reads to either side of its positions; 1 where its scale is not known: hardly a pixel of it has an image. */
export function blockReach({ scale }: ControlBlock, resampling: Resampling): [x: number, y: number] {
  const [x, y] = scale.map((one) => (Number.isFinite(one) ? reachOf(resampling, 1 / one) : 1));
  return [x as number, y as number];
}

/** Destination pixels of the squares whose source boxes are listed: smaller ones follow a rotated image closer. */
const PIECE = LARGEST_GROUP;

/** Boxes of source pixels that a block reads, `reach` pixels to both sides of its positions and `reachY` above and below included; none for a block without any image. */
export function* listFootprint(block: ControlBlock, reach: number, reachY = reach): Generator<Bbox> {
  // Positions are bilinear within each square: a block lies within its corners.
  const isPiece = block.kind === "mesh" && Math.max(block.width, block.height) <= PIECE && isWhole(block);
  if (block.kind === "points" || isPiece) {
    const box = boxAround(block.positions, reach, reachY);
    if (box !== null) yield box;
    return;
  }
  for (let y = 0; y < block.height; y += PIECE) {
    for (let x = 0; x < block.width; x += PIECE) {
      const right = Math.min(block.width, x + PIECE);
      const bottom = Math.min(block.height, y + PIECE);
      const box = boxAround(cornersOf(block, x, y, right, bottom), reach, reachY);
      if (box !== null) yield box;
    }
  }
}

/** Corners of the squares that a part of a block has a share in, those at its rim where it ends. */
function cornersOf(block: ControlBlock, left: number, top: number, right: number, bottom: number): Float64Array {
  const out: number[] = [];
  for (const y of stops(top, bottom, block.size))
    for (const x of stops(left, right, block.size)) out.push(...interpolate(block, x, y));
  return Float64Array.from(out);
}

function stops(from: number, to: number, step: number): number[] {
  const all = [from];
  for (let at = (Math.floor(from / step) + 1) * step; at < to; at += step) all.push(at);
  return [...all, to];
}

/** Source position of a corner between pixels of the block. */
function interpolate({ positions, size }: ControlBlock, x: number, y: number): [number, number] {
  const squares = squaresOf(positions);
  const [column, row] = [Math.min(squares - 1, Math.floor(x / size)), Math.min(squares - 1, Math.floor(y / size))];
  const [s, t] = [x / size - column, y / size - row];
  const first = 2 * (row * (squares + 1) + column);
  const below = first + 2 * (squares + 1);
  const along = (axis: number): number => {
    const [a, b] = [positions[first + axis] as number, positions[first + 2 + axis] as number];
    const [c, d] = [positions[below + axis] as number, positions[below + 2 + axis] as number];
    return (a * (1 - t) + c * t) * (1 - s) + (b * (1 - t) + d * t) * s;
  };
  return [along(0), along(1)];
}

/** False at the rim of an image, where less than the squares is wanted. */
function isWhole({ positions, size, width, height }: ControlBlock): boolean {
  return width === height && width === size * squaresOf(positions);
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
