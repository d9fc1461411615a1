import type { PixelTransform } from "./raster_place.ts";

/** Pixels by which a position may be off, unless said: what GDAL allows for its own approximation. */
export const DEFAULT_MAX_ERROR_PIXELS = 0.125;

/**
 * Share of the bound that is aimed at. A position may be off by an eighth of a pixel without being seen, but where neighbours differ by
 * 100 levels that is 12 levels; a tenth of it costs about 150 transformed points a tile and keeps every pixel within 2.
 */
const AIM = 0.1;

/** Smallest square that is still interpolated; where that does not hold the bound, every pixel is transformed. */
const SMALLEST_BLOCK = 8;

/** Equal squares are kept together up to this size: at 256 blocks a tile, plans took 270 kB each and half of a thread's garbage was theirs. */
export const LARGEST_GROUP = 64;

/** A rectangle of destination pixels whose source positions are known. */
export interface ControlBlock {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /**
   * `mesh`: the corners of squares of `size` pixels, the first of which begins at x, y; row by row, as many to a row as there are rows. Positions
   * between them are bilinear. `points`: one position for the centre of each pixel, row by row.
   */
  readonly kind: "mesh" | "points";
  readonly size: number;
  /** Source pixels x, y (0,0 = upper left corner of the first pixel); NaN where there is no image. Columns are continuous within a block. */
  readonly positions: Float64Array;
  /** Source pixels between neighbours along x and y: the greater of the two ways; NaN when not known. */
  readonly scale: readonly [x: number, y: number];
}

/**
 * Source positions for an image of `width` x `height` destination pixels. Squares are halved until linear interpolation along
 * their edges, measured in the middle of each, is off by no more than a tenth of `maxErrorPixels` in sum of both ways: for a smooth
 * transform that bounds the error anywhere in the square.
 */
export function buildControlMesh(
  transform: PixelTransform,
  width: number,
  height: number,
  maxErrorPixels = DEFAULT_MAX_ERROR_PIXELS,
): ControlBlock[] {
  const blocks: ControlBlock[] = [];
  const size = 2 ** Math.ceil(Math.log2(Math.max(SMALLEST_BLOCK, Math.min(256, Math.max(width, height)))));
  const builder = new MeshBuilder(transform, width, height, maxErrorPixels, blocks);
  for (let y = 0; y < height; y += size) for (let x = 0; x < width; x += size) builder.add(x, y, size);
  return blocks;
}

/** A lattice of 3 x 3 points over a square: x, y of each. */
const LATTICE = 18;

class MeshBuilder {
  readonly #transform: PixelTransform;
  readonly #width: number;
  readonly #height: number;
  readonly #aim: number;
  readonly #blocks: ControlBlock[];

  constructor(
    transform: PixelTransform,
    width: number,
    height: number,
    maxErrorPixels: number,
    blocks: ControlBlock[],
  ) {
    this.#transform = transform;
    this.#width = width;
    this.#height = height;
    this.#aim = maxErrorPixels * AIM;
    this.#blocks = blocks;
  }

  /** The square in parts of `part` pixels, whose lattices share their points: transforms are most of what a plan costs. */
  add(x: number, y: number, size: number, part = size): void {
    const columns = Math.min(size, this.#width - x) / part;
    const rows = Math.min(size, this.#height - y) / part;
    const stride = 2 * Math.ceil(columns) + 1;
    const points = this.#transformGrid(x, y, part / 2, stride, 2 * Math.ceil(rows) + 1);
    const side = Math.max(1, LARGEST_GROUP / part);
    for (let row = 0; row < rows; row += side) {
      for (let column = 0; column < columns; column += side) {
        const squares = Math.ceil(Math.min(side, columns - column, rows - row));
        const [left, top] = [x + column * part, y + row * part];
        if (
          squares === side &&
          this.#tryGroup(left, top, part, squares, cutLattice(points, stride, column, row, squares))
        )
          continue;
        for (let down = row; down < Math.min(row + side, rows); down++)
          for (let across = column; across < Math.min(column + side, columns); across++)
            this.#addSquare(x + across * part, y + down * part, part, cutLattice(points, stride, across, down, 1));
      }
    }
  }

  /** Keeps several squares as one block when all of them hold. */
  #tryGroup(x: number, y: number, size: number, squares: number, lattice: Float64Array): boolean {
    if (squares === 1) return false;
    unwrap(lattice, this.#transform.period);
    const stride = 2 * squares + 1;
    for (let row = 0; row < squares; row++)
      for (let column = 0; column < squares; column++)
        if (!(latticeError(lattice, stride, 2 * (row * stride + column)) <= this.#aim)) return false;
    this.#keepMesh(x, y, size, squares, lattice);
    return true;
  }

  #addSquare(x: number, y: number, size: number, lattice: Float64Array): void {
    unwrap(lattice, this.#transform.period);
    const error = latticeError(lattice, 3, 0);
    if (error <= this.#aim) this.#keepMesh(x, y, size, 1, lattice);
    else if (size <= SMALLEST_BLOCK) this.#keepPoints(x, y, size);
    else this.add(x, y, size, this.#partSize(size, error));
  }

  /** The error of a smooth transform goes with the square of the size: sizes that cannot do are not tried. */
  #partSize(size: number, error: number): number {
    const halvings = Math.ceil(Math.log2(error / this.#aim) / 2);
    return Math.max(SMALLEST_BLOCK, size / 2 ** (Number.isFinite(halvings) ? Math.max(1, halvings) : 1));
  }

  /** Source positions of `columns` x `rows` points, `step` pixels apart. */
  #transformGrid(x: number, y: number, step: number, columns: number, rows: number): Float64Array {
    const points = new Float64Array(columns * rows * 2);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        points[at++] = x + column * step;
        points[at++] = y + row * step;
      }
    }
    this.#transform.apply(points);
    return points;
  }

  /** Every other point of the lattice is a corner. */
  #keepMesh(x: number, y: number, size: number, squares: number, lattice: Float64Array): void {
    const positions = new Float64Array(2 * (squares + 1) ** 2);
    const stride = 2 * squares + 1;
    for (let row = 0, at = 0; row <= squares; row++) {
      for (let column = 0; column <= squares; column++) {
        const point = 2 * (2 * row * stride + 2 * column);
        positions[at++] = lattice[point] as number;
        positions[at++] = lattice[point + 1] as number;
      }
    }
    this.#keep(x, y, size, "mesh", positions, meshScale(positions, squares, size));
  }

  #keepPoints(x: number, y: number, size: number): void {
    const width = Math.min(size, this.#width - x);
    const height = Math.min(size, this.#height - y);
    const positions = new Float64Array(width * height * 2);
    for (let row = 0, at = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        positions[at++] = x + column + 0.5;
        positions[at++] = y + row + 0.5;
      }
    }
    this.#transform.apply(positions);
    unwrap(positions, this.#transform.period);
    this.#keep(x, y, size, "points", positions, pointScale(positions, width, height));
  }

  #keep(
    x: number,
    y: number,
    size: number,
    kind: ControlBlock["kind"],
    positions: Float64Array,
    scale: readonly [number, number],
  ): void {
    const side = kind === "mesh" ? size * squaresOf(positions) : size;
    const width = Math.min(side, this.#width - x);
    const height = Math.min(side, this.#height - y);
    this.#blocks.push({ x, y, width, height, kind, size, positions, scale });
  }
}

/** Squares to a row of a mesh, by its positions. */
export function squaresOf(positions: Float64Array): number {
  return Math.sqrt(positions.length / 2) - 1;
}

/** The lattice of `squares` x `squares` squares out of a larger one of `stride` points to a row. */
function cutLattice(points: Float64Array, stride: number, column: number, row: number, squares: number): Float64Array {
  const side = 2 * squares + 1;
  const lattice = new Float64Array(side === 3 ? LATTICE : 2 * side * side);
  for (let line = 0, at = 0; line < side; line++) {
    const first = 2 * ((2 * row + line) * stride + 2 * column);
    for (let i = 0; i < 2 * side; i++) lattice[at++] = points[first + i] as number;
  }
  return lattice;
}

/** Columns a whole turn away from the first point's are moved next to it. */
function unwrap(positions: Float64Array, period: number | null): void {
  if (period === null) return;
  let reference = Number.NaN;
  for (let i = 0; i < positions.length; i += 2) {
    const x = positions[i] as number;
    if (Number.isNaN(x)) continue;
    if (Number.isNaN(reference)) reference = x;
    positions[i] = x + period * Math.round((reference - x) / period);
  }
}

/**
 * Of the square of 3 x 3 points whose first is `first`, in a lattice of `stride` points to a row: greatest sum of what the middle of a
 * horizontal and that of a vertical edge (or middle line) are off; NaN when any point has no image.
 */
function latticeError(lattice: Float64Array, stride: number, first: number): number {
  // Not as pairs: here, a million times a second, those are objects.
  let across = 0;
  let down = 0;
  for (let line = 0; line < 3; line++) {
    across = Math.max(across, offMiddle(lattice, first + line * stride, 1));
    down = Math.max(down, offMiddle(lattice, first + line, stride));
  }
  return across + down;
}

/** How far the second of three points, `step` apart, is from the middle of the others. */
function offMiddle(lattice: Float64Array, first: number, step: number): number {
  const a = 2 * first;
  const middle = a + 2 * step;
  const b = middle + 2 * step;
  const x = (lattice[middle] as number) - ((lattice[a] as number) + (lattice[b] as number)) / 2;
  const y = (lattice[middle + 1] as number) - ((lattice[a + 1] as number) + (lattice[b + 1] as number)) / 2;
  return Math.sqrt(x * x + y * y);
}

/** By the outer corners of a mesh of `squares` x `squares`. */
function meshScale(corners: Float64Array, squares: number, size: number): [number, number] {
  const [right, below] = [2 * squares, 2 * squares * (squares + 1)];
  const off = (corner: number, axis: number): number =>
    Math.abs((corners[corner + axis] as number) - (corners[axis] as number)) / (squares * size);
  return [Math.max(off(right, 0), off(below, 0)), Math.max(off(right, 1), off(below, 1))];
}

/** Of the first pixel that has neighbours with an image. */
function pointScale(positions: Float64Array, width: number, height: number): [number, number] {
  for (let row = 0; row + 1 < height; row++) {
    for (let column = 0; column + 1 < width; column++) {
      const at = 2 * (row * width + column);
      const corner = [0, 2, 2 * width].flatMap((step) => [...positions.subarray(at + step, at + step + 2)]);
      const scale = meshScale(Float64Array.from(corner), 1, 1);
      if (scale.every(Number.isFinite)) return scale;
    }
  }
  return [Number.NaN, Number.NaN];
}
