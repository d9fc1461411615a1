import { openRaster, type OpenRasterOptions, type Raster } from "../../raster/index.ts";

/** Rasters that are closed together. */
export class OpenInputs implements AsyncDisposable {
  readonly rasters: Raster[] = [];

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.rasters.map((raster) => raster.close()));
  }
}

/** More files than this at once are decoded on the calling thread each: threads of their own would be hundreds. */
const WITH_THREADS = 4;

/** Opens what a command reads. @throws as `openRaster` */
export async function openInputs(names: readonly string[], signal: AbortSignal): Promise<OpenInputs> {
  const inputs = new OpenInputs();
  const options: OpenRasterOptions = {
    signal,
    ...(names.length > WITH_THREADS ? { threads: 0, cacheBytes: 2 ** 20 } : {}),
  };
  try {
    for (const name of names) inputs.rasters.push(await openRaster(name, options));
    return inputs;
  } catch (error) {
    await inputs[Symbol.asyncDispose]();
    throw error;
  }
}
