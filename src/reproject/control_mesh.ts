import type { PixelTransform } from "./raster_place.ts";

/** Pixels by which a position may be off, unless said: what GDAL allows for its own approximation. */
export const DEFAULT_MAX_ERROR_PIXELS = 0.125;

/**
 * Share of the bound that is aimed at. A position may be off by an eighth of a pixel without being seen, but where neighbours differ by
 * 100 levels that is 12 levels; a tenth of it costs about 150 transformed points a tile and keeps every pixel within 2.
 */
const AIM = 0.1;

/** Smallest block that is still interpolated; where that does not hold the bound, every pixel is transformed. */
const SMALLEST_BLOCK = 8;

/** A rectangle of destination pixels whose source positions are known. */
export interface ControlBlock {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /**
   * `mesh`: four corners (upper left, upper right, lower left, lower right) of a square of `size` pixels that begins at x, y: positions
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

/** A lattice of 3 x 3 points over a square. */
const LATTICE = 9;

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
    const lattice = new Float64Array(LATTICE * 2);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let line = 0; line < 3; line++) {
          const first = 2 * ((2 * row + line) * stride + 2 * column);
          lattice.set(points.subarray(first, first + 6), line * 6);
        }
        this.#addSquare(x + column * part, y + row * part, part, lattice);
      }
    }
  }

  #addSquare(x: number, y: number, size: number, lattice: Float64Array): void {
    unwrap(lattice, this.#transform.period);
    const error = latticeError(lattice);
    if (error <= this.#aim) this.#keepMesh(x, y, size, lattice);
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

  #keepMesh(x: number, y: number, size: number, lattice: Float64Array): void {
    const positions = new Float64Array(8);
    for (let corner = 0; corner < 4; corner++) {
      const point = 2 * (corner % 2) + 6 * (corner >> 1);
      positions[2 * corner] = lattice[2 * point] as number;
      positions[2 * corner + 1] = lattice[2 * point + 1] as number;
    }
    this.#keep(x, y, size, "mesh", positions, meshScale(positions, size));
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
    const width = Math.min(size, this.#width - x);
    const height = Math.min(size, this.#height - y);
    this.#blocks.push({ x, y, width, height, kind, size, positions, scale });
  }
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

/** Greatest sum of what the middle of a horizontal and that of a vertical edge (or middle line) are off; NaN when any point has no image. */
function latticeError(lattice: Float64Array): number {
  const across = Math.max(offMiddle(lattice, 0, 1, 2), offMiddle(lattice, 3, 4, 5), offMiddle(lattice, 6, 7, 8));
  const down = Math.max(offMiddle(lattice, 0, 3, 6), offMiddle(lattice, 1, 4, 7), offMiddle(lattice, 2, 5, 8));
  return across + down;
}

function offMiddle(lattice: Float64Array, a: number, middle: number, b: number): number {
  const x = (lattice[2 * middle] as number) - ((lattice[2 * a] as number) + (lattice[2 * b] as number)) / 2;
  const y = (lattice[2 * middle + 1] as number) - ((lattice[2 * a + 1] as number) + (lattice[2 * b + 1] as number)) / 2;
  return Math.sqrt(x * x + y * y);
}

function meshScale(corners: Float64Array, size: number): [number, number] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = corners;
  return [Math.max(Math.abs(x1 - x0), Math.abs(x2 - x0)) / size, Math.max(Math.abs(y1 - y0), Math.abs(y2 - y0)) / size];
}

/** Of the first pixel that has neighbours with an image. */
function pointScale(positions: Float64Array, width: number, height: number): [number, number] {
  for (let row = 0; row + 1 < height; row++) {
    for (let column = 0; column + 1 < width; column++) {
      const at = 2 * (row * width + column);
      const corner = [0, 2, 2 * width].flatMap((step) => [...positions.subarray(at + step, at + step + 2)]);
      const scale = meshScale(Float64Array.from(corner), 1);
      if (scale.every(Number.isFinite)) return scale;
    }
  }
  return [Number.NaN, Number.NaN];
}
