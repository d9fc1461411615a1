import { squaresOf, type ControlBlock } from "../control_mesh.ts";
import { fillTaps, kernelScale, tapCount, type Resampling } from "../resampling.ts";

/** One band of numbers, row-major from the top left; NaN is no data. */
export interface Band {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array | Float64Array;
}

/**
 * Resamples one band of any numbers: the plain reference of the WebAssembly kernel, and what elevation goes through. Pixels that lie
 * outside of the source or have no data around them become NaN; a value is made of what data there is, by its weights.
 * @param originX, originY source pixel of the block's positions that is the band's 0,0
 * @param scale destination pixels for one source pixel along x and y, for filters that widen; the block's own unless given
 */
export function sampleBlock(
  band: Band,
  block: ControlBlock,
  out: Band,
  resampling: Resampling,
  originX = 0,
  originY = 0,
  scale: readonly [number, number] = [1 / block.scale[0], 1 / block.scale[1]],
): void {
  const sampler = makeSampler(band, resampling, scale);
  const place = block.kind === "mesh" ? meshPlace(block) : pointPlace(block);
  const at = new Float64Array(2);
  for (let row = 0; row < block.height; row++) {
    const start = (block.y + row) * out.width + block.x;
    for (let column = 0; column < block.width; column++) {
      place(column, row, at);
      const x = (at[0] as number) - originX;
      const y = (at[1] as number) - originY;
      // Written so that NaN is outside.
      const inside = x >= 0 && y >= 0 && x < band.width && y < band.height;
      out.data[start + column] = inside ? sampler(x, y) : Number.NaN;
    }
  }
}

type Place = (column: number, row: number, at: Float64Array) => void;

function meshPlace({ positions, size }: ControlBlock): Place {
  const stride = 2 * (squaresOf(positions) + 1);
  return (column, row, at) => {
    const s = ((column % size) + 0.5) / size;
    const t = ((row % size) + 0.5) / size;
    const first = Math.floor(row / size) * stride + 2 * Math.floor(column / size);
    for (let axis = 0; axis < 2; axis++) {
      const [a, b] = [positions[first + axis] as number, positions[first + 2 + axis] as number];
      const [c, d] = [positions[first + stride + axis] as number, positions[first + stride + 2 + axis] as number];
      at[axis] = (a * (1 - t) + c * t) * (1 - s) + (b * (1 - t) + d * t) * s;
    }
  };
}

function pointPlace({ positions, width }: ControlBlock): Place {
  return (column, row, at) => {
    const index = 2 * (row * width + column);
    at[0] = positions[index] as number;
    at[1] = positions[index + 1] as number;
  };
}

/** Value at source pixel coordinates that lie within the band. */
type Sampler = (x: number, y: number) => number;

function makeSampler(band: Band, resampling: Resampling, scale: readonly [number, number]): Sampler {
  if (resampling === "nearest") return sampleNearest(band);
  const [scaleX, scaleY] = scale.map((value) => (value < 1 ? value : 1)) as [number, number];
  const full = kernelScale(scaleX) === 1 && kernelScale(scaleY) === 1;
  const wide = weighTaps(band, resampling, scaleX, scaleY);
  if (resampling !== "cubic" || !full) return wide;
  // A cubic that misses a neighbour would ring: linear between what is there, as GDAL does.
  const linear = weighTaps(band, "bilinear", 1, 1);
  return (x, y) => (hasWholeWindow(band, x, y) ? wide(x, y) : linear(x, y));
}

/** Just before a border counts as beyond it (an error of rounding), but not beyond the edge. */
function sampleNearest({ width, height, data }: Band): Sampler {
  return (x, y) => {
    const column = Math.min(Math.floor(x + 1e-10), width - 1);
    const row = Math.min(Math.floor(y + 1e-10), height - 1);
    return data[row * width + column] as number;
  };
}

/** Are all of the 4 x 4 pixels there that a cubic wants? */
function hasWholeWindow({ width, height, data }: Band, x: number, y: number): boolean {
  const left = Math.floor(x - 0.5) - 1;
  const top = Math.floor(y - 0.5) - 1;
  if (left < 0 || top < 0 || left + 4 > width || top + 4 > height) return false;
  for (let j = 0; j < 4; j++)
    for (let i = 0; i < 4; i++) if (Number.isNaN(data[(top + j) * width + left + i])) return false;
  return true;
}

function weighTaps(
  { width, height, data }: Band,
  resampling: Exclude<Resampling, "nearest">,
  scaleX: number,
  scaleY: number,
): Sampler {
  const tapsX = new Float64Array(tapCount(resampling, scaleX));
  const tapsY = new Float64Array(tapCount(resampling, scaleY));
  return (x, y) => {
    const column = Math.floor(x - 0.5);
    const row = Math.floor(y - 0.5);
    fillTaps(resampling, scaleX, x - 0.5 - column, tapsX);
    fillTaps(resampling, scaleY, y - 0.5 - row, tapsY);
    const left = column - tapsX.length / 2 + 1;
    const top = row - tapsY.length / 2 + 1;
    let sum = 0;
    let weights = 0;
    for (let j = Math.max(0, -top); j < tapsY.length && top + j < height; j++) {
      for (let i = Math.max(0, -left); i < tapsX.length && left + i < width; i++) {
        const weight = (tapsX[i] as number) * (tapsY[j] as number);
        const value = data[(top + j) * width + left + i] as number;
        if (weight === 0 || Number.isNaN(value)) continue;
        sum += weight * value;
        weights += weight;
      }
    }
    return weights > 1e-6 ? sum / weights : Number.NaN;
  };
}
