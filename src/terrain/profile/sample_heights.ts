import type { PixelArray, Raster } from "../../raster/index.ts";
import type { Position } from "./line_measure.ts";

/** `bilinear`: between the middles of the four cells around. `nearest`: of the cell in which a place lies. */
export type HeightSampling = "bilinear" | "nearest";

/** Cells that are read for neighbouring places at once, at most. */
const MAX_WINDOW_CELLS = 262_144;

export interface SampleOptions {
  readonly band: number;
  readonly sampling: HeightSampling;
  readonly signal: AbortSignal | undefined;
}

/**
 * Heights at places in pixels (0.5 is the middle of the first cell), which lie along a line; null off the raster, and where the cell in which a place
 * lies has none. Of the others around it those without a height do not count.
 */
export async function sampleHeights(
  raster: Raster,
  places: readonly Position[],
  options: SampleOptions,
): Promise<(number | null)[]> {
  const heights: (number | null)[] = [];
  while (heights.length < places.length) {
    const window = windowOf(raster, places, heights.length);
    for (const height of await readPlaces(raster, places.slice(heights.length, window.end), window, options))
      heights.push(height);
  }
  return heights;
}

interface PlaceWindow {
  /** Behind the last place that lies in it. */
  readonly end: number;
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/** Cells around as many places as fit. */
function windowOf({ info }: Raster, places: readonly Position[], start: number): PlaceWindow {
  let window: PlaceWindow = { end: start, minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (let i = start; i < places.length; i++) {
    const [x, y] = places[i] as Position;
    const next = { ...window, end: i + 1 };
    if (x >= 0 && y >= 0 && x <= info.width && y <= info.height) {
      next.minX = Math.min(window.minX, Math.max(0, Math.floor(x - 0.5)));
      next.minY = Math.min(window.minY, Math.max(0, Math.floor(y - 0.5)));
      next.maxX = Math.max(window.maxX, Math.min(info.width - 1, Math.floor(x + 0.5)));
      next.maxY = Math.max(window.maxY, Math.min(info.height - 1, Math.floor(y + 0.5)));
    }
    if (i > start && (next.maxX - next.minX + 1) * (next.maxY - next.minY + 1) > MAX_WINDOW_CELLS) break;
    window = next;
  }
  return window;
}

async function readPlaces(
  raster: Raster,
  places: readonly Position[],
  { minX, minY, maxX, maxY }: PlaceWindow,
  { band, sampling, signal }: SampleOptions,
): Promise<(number | null)[]> {
  if (minX > maxX) return places.map(() => null);
  const rect = { x: minX, y: minY, width: maxX - minX + 1, height: maxY - minY + 1 };
  const { bands, validity } = await raster.readWindow(rect, { bands: [band], validity: true, signal });
  const { scale, offset } = raster.info.bands[band] ?? { scale: 1, offset: 0 };
  const [pixels, valid = null] = [bands[0] as PixelArray, validity[0]];
  const { width, height } = raster.info;
  const heightOf = (x: number, y: number): number => {
    if (x < minX || y < minY || x > maxX || y > maxY) return Number.NaN;
    const at = (y - minY) * rect.width + x - minX;
    return valid?.[at] === 0 ? Number.NaN : (pixels[at] as number) * scale + offset;
  };
  return places.map(([x, y]) => {
    if (!(x >= 0 && y >= 0 && x <= width && y <= height)) return null;
    const own = heightOf(Math.min(width - 1, Math.floor(x)), Math.min(height - 1, Math.floor(y)));
    if (!Number.isFinite(own)) return null;
    return sampling === "nearest" ? own : bilinear(heightOf, x - 0.5, y - 0.5);
  });
}

function bilinear(heightOf: (x: number, y: number) => number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  let [sum, weights] = [0, 0];
  for (const [dx, dy] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    const height = heightOf(left + dx, top + dy);
    const weight = Math.abs(1 - dx - (x - left)) * Math.abs(1 - dy - (y - top));
    if (!Number.isFinite(height) || weight === 0) continue;
    sum += height * weight;
    weights += weight;
  }
  return sum / weights;
}
