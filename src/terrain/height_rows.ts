import type { PixelArray, Raster } from "../raster/index.ts";

/** Cells of a strip that is read, at the most: 32 MB as float64. */
const STRIP_CELLS = 4_194_304;

/**
 * A raster's heights row by row from the top, as float64: 32 bits would move what lies on a level off it. NaN where there is no height; the
 * same array each time.
 * @param band index from 0
 * @throws what `Raster.listWindows` throws
 */
export async function* listHeightRows(
  raster: Raster,
  band: number,
  signal?: AbortSignal,
): AsyncGenerator<Float64Array, void, undefined> {
  const { width, block, bands } = raster.info;
  const { scale, offset } = bands[band] ?? { scale: 1, offset: 0 };
  const rows = Math.max(1, Math.min(Math.floor(STRIP_CELLS / width), block.height * Math.ceil(64 / block.height)));
  const line = new Float64Array(width);
  for await (const window of raster.listWindows({ by: "strips", rows, bands: [band], validity: true, signal })) {
    const pixels = window.bands[0] as PixelArray;
    const valid = window.validity[0] ?? null;
    for (let row = 0; row < window.height; row++) {
      for (let x = 0, i = row * width; x < width; x++, i++) {
        const height = (pixels[i] as number) * scale + offset;
        line[x] = (valid !== null && valid[i] === 0) || !Number.isFinite(height) ? Number.NaN : height;
      }
      yield line;
    }
  }
}
