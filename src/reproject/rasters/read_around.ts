import {
  newPixels,
  type BandInfo,
  type ComputeRequest,
  type PixelArray,
  type PixelRect,
  type Raster,
  type RasterWindow,
} from "../../raster/index.ts";
import type { SourceLevel } from "./choose_level.ts";

type Pixels = Pick<RasterWindow, "bands" | "validity">;

/** A window of a level whose columns may go on beyond its sides, where it goes around the Earth: they begin anew there. */
export async function readAround(
  source: Raster,
  level: SourceLevel,
  window: PixelRect,
  { bands, signal }: ComputeRequest,
): Promise<Pixels> {
  const options = { bands, overview: level.overview, validity: true, signal };
  if (window.x >= 0 && window.x + window.width <= level.width) return source.readWindow(window, options);
  const out: { bands: PixelArray[]; validity: Uint8Array[] } = {
    bands: bands.map((band) => newPixels((source.info.bands[band] as BandInfo).type, window.width * window.height)),
    validity: bands.map(() => new Uint8Array(window.width * window.height)),
  };
  for (let x = window.x; x < window.x + window.width;) {
    const column = ((x % level.width) + level.width) % level.width;
    const width = Math.min(window.x + window.width - x, level.width - column);
    const piece = await source.readWindow({ x: column, y: window.y, width, height: window.height }, options);
    bands.forEach((_, i) => {
      copyColumns(piece.bands[i] as PixelArray, width, out.bands[i] as PixelArray, window.width, x - window.x);
      const valid = piece.validity[i] ?? new Uint8Array(width * window.height).fill(1);
      copyColumns(valid, width, out.validity[i] as PixelArray, window.width, x - window.x);
    });
    x += width;
  }
  return out;
}

function copyColumns(
  from: PixelArray | Uint8Array,
  width: number,
  into: PixelArray,
  stride: number,
  column: number,
): void {
  for (let row = 0; row * width < from.length; row++)
    into.set(from.subarray(row * width, (row + 1) * width), row * stride + column);
}
