import { statSync } from "node:fs";
import { CALC_WORKER, RasterThreads } from "../../raster/index.ts";
import { TERRAIN_WORKER } from "../../terrain/index.ts";

/** Of a file: what is smaller is decoded before threads are up. */
const LEAST_BYTES = 1024 * 1024;

/** What threads load beside what reads and writes blocks. */
const MODULES = { blocks: [], formula: [CALC_WORKER], terrain: [TERRAIN_WORKER] };

/**
 * Starts the threads that a large file will want, before the command's own modules are loaded: both take 100 ms. Null for small files, caches and addresses. To be closed
 * when the command has ended: until then the threads are those that the rasters use.
 */
export function startThreads(file: string, work: keyof typeof MODULES): RasterThreads | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size < LEAST_BYTES || /\.(?:gpkg|gpkx|mbtiles)$/i.test(file)) return null;
  const threads = new RasterThreads();
  threads.warmUp(MODULES[work]);
  return threads;
}
