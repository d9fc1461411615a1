/** Rows of heights or anything else, NaN where there is none. */
export interface HoleGrid {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array<ArrayBuffer>;
}

export interface FillParameters {
  /** Pixels from a hole's pixel to what fills it. */
  readonly maxDistance: number;
  /** Times that filled pixels are smoothed with their neighbours. */
  readonly smoothing: number;
}

const NONE = 65_535;

/**
 * Fills pixels without data: each by the nearest data in the four quadrants around it, weighted by the inverse of their distances; what finds none within
 * `maxDistance` stays NaN. The method of GDAL's GDALFillNodata. Rows nearer to the border than `maxDistance + smoothing` are right only where the image ends.
 */
export function fillHoles({ width, height, values }: HoleGrid, { maxDistance, smoothing }: FillParameters): void {
  const below = rowsBelow(values, width, height);
  const above = new Uint16Array(width).fill(NONE);
  const filled = new Uint8Array(values.length);
  const found = new Float64Array(width);
  const source = values.slice();
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const isHole = Number.isNaN(source[row + x]);
      above[x] = isHole ? Math.min(NONE, (above[x] as number) + 1) : 0;
    }
    for (let x = 0; x < width; x++) {
      if (!Number.isNaN(source[row + x])) continue;
      found[x] = estimate(source, { x, y, width }, above, below.subarray(row, row + width), maxDistance);
      values[row + x] = found[x] as number;
      if (!Number.isNaN(found[x])) filled[row + x] = 1;
    }
  }
  for (let i = 0; i < smoothing; i++) smooth(values, filled, width, height);
}

/** For each pixel, rows down to the next data below it. */
function rowsBelow(values: Float64Array, width: number, height: number): Uint16Array {
  const below = new Uint16Array(values.length);
  below.fill(NONE, (height - 1) * width);
  for (let i = (height - 1) * width - 1; i >= 0; i--)
    below[i] = Number.isNaN(values[i + width]) ? Math.min(NONE, (below[i + width] as number) + 1) : 1;
  return below;
}

function estimate(
  values: Float64Array,
  { x, y, width }: { x: number; y: number; width: number },
  above: Uint16Array,
  below: Uint16Array,
  maxDistance: number,
): number {
  let sum = 0;
  let weights = 0;
  for (const direction of [-1, 1])
    for (const [rows, sign] of [
      [above, -1],
      [below, 1],
    ] as const) {
      let nearest = maxDistance * maxDistance + 1e-9;
      let at = -1;
      // The column of the pixel itself counts to the left alone, so that nothing is taken twice.
      for (let step = direction === 1 ? 1 : 0; step * step < nearest; step++) {
        const column = x + direction * step;
        if (column < 0 || column >= width) break;
        const down = rows[column] as number;
        const distance = step * step + down * down;
        if (down === NONE || distance > nearest) continue;
        nearest = distance;
        at = (y + sign * down) * width + column;
      }
      if (at < 0) continue;
      const weight = 1 / Math.sqrt(nearest);
      sum += weight * (values[at] as number);
      weights += weight;
    }
  return weights === 0 ? Number.NaN : sum / weights;
}

/** Filled pixels become the mean of their 3 x 3 neighbours that are there. */
function smooth(values: Float64Array, filled: Uint8Array, width: number, height: number): void {
  const before = values.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (filled[i] === 0) continue;
      let sum = 0;
      let count = 0;
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++)
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const value = before[row * width + column] as number;
          if (Number.isNaN(value)) continue;
          sum += value;
          count++;
        }
      values[i] = sum / count;
    }
}
