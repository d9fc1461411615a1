import { getCrs } from "../../src/crs/index.ts";
import {
  ComputedRaster,
  newPixels,
  type Affine,
  type BandInfo,
  type PixelArray,
  type PixelType,
  type Raster,
  type RasterInfo,
} from "../../src/raster/index.ts";

export interface ArrayRasterOptions {
  readonly type?: PixelType;
  readonly nodata?: number | null;
  readonly crs?: string | null;
  readonly affine?: Affine;
  readonly band?: Partial<BandInfo>;
}

/** A raster out of numbers, row by row from the top: one list for each band. */
export function arrayRaster(
  width: number,
  bands: readonly (readonly number[])[],
  options: ArrayRasterOptions = {},
): Raster {
  const { type = "float64", nodata = null, crs = "EPSG:32632", affine = [10, 0, 500_000, 0, -10, 5_000_000] } = options;
  const height = (bands[0] as readonly number[]).length / width;
  const info: RasterInfo = {
    format: "test",
    width,
    height,
    bands: bands.map(() => ({
      type,
      description: "",
      nodata,
      scale: 1,
      offset: 0,
      unit: "",
      color: "undefined",
      ...options.band,
    })),
    crs: crs === null ? null : getCrs(crs),
    crsNote: "",
    affine,
    placeNote: "",
    pixelIs: "area",
    block: { width, height: Math.min(2, height) },
    overviews: [],
    mask: nodata === null ? "none" : "nodata",
    palette: null,
    compression: "none",
    metadata: {},
  };
  return new ComputedRaster({
    info,
    compute: async ({ rect, bands: wanted }) => ({
      bands: wanted.map((band) => {
        const out = newPixels(type, rect.width * rect.height);
        for (let i = 0; i < out.length; i++)
          out[i] = bands[band]?.[(rect.y + Math.floor(i / rect.width)) * width + rect.x + (i % rect.width)] as number;
        return out;
      }),
    }),
  });
}

/** Every pixel of a band, read in strips of the raster's own. */
export async function pixelsOf(raster: Raster, band = 0): Promise<number[]> {
  const pixels: number[] = [];
  for await (const window of raster.listWindows({ bands: [band] }))
    for (const value of window.bands[0] as PixelArray) pixels.push(value);
  return pixels;
}
