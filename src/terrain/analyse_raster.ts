import { availableParallelism } from "node:os";
import { inOrder, WorkerPool, workerModuleUrl, workerTask } from "../concurrency/index.ts";
import type { BandInfo, Raster, RasterStrip, WriteInfo } from "../raster/index.ts";
import { outputsOf, type Analysis } from "./analysis.ts";
import { cellSizes } from "./cell_sizes.ts";
import { listHeightBlocks, type RowBlock } from "./height_blocks.ts";
import type { analyseBlock, BlockJob } from "./terrain_worker.ts";

export interface AnalyseOptions {
  /** Index from 0. @default 0 */
  readonly band?: number;
  /** Cells of the edge and beside gaps get a result, too, as with gdaldem's `-compute_edges`. @default false */
  readonly computeEdges?: boolean;
  /** Units of height in one of the CRS. @default null: metres by latitude for a geographic DEM, else 1 */
  readonly scale?: number | null;
  /** @default one for each core */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

const task = workerTask<typeof analyseBlock>({
  module: workerModuleUrl("./terrain_worker", import.meta.url),
  name: "analyseBlock",
});

/** What a file of the result says of itself. */
export function analysisInfo({ info }: Raster, analysis: Analysis): WriteInfo {
  const bands = outputsOf(analysis).map((band): BandInfo => ({
    ...band,
    description: "",
    scale: 1,
    offset: 0,
    unit: "",
  }));
  return { width: info.width, height: info.height, bands, crs: info.crs, affine: info.affine };
}

/**
 * An analysis of a whole DEM, in strips from the top to the bottom: for `writeGeotiff`. Memory holds some blocks of rows of a million cells.
 * @throws `raster.unsupported` for a DEM that is not north-up or has no place; what reading it throws; `cancelled`
 */
export async function* analyseRaster(
  raster: Raster,
  analysis: Analysis,
  options: AnalyseOptions = {},
): AsyncGenerator<RasterStrip, void, undefined> {
  const { band = 0, computeEdges = false, scale = null, signal, threads = availableParallelism() } = options;
  const sizeOf = sizesFor(raster, analysis, scale);
  await using pool = new WorkerPool({ maxThreads: threads });
  const analyse = (block: RowBlock) => {
    const job: BlockJob = {
      analysis,
      block,
      sizes: sizesOf(block, sizeOf),
      computeEdges,
      sides: sidesOf(raster, block),
    };
    return pool.run(task, [job], { signal, transfer: [block.heights.buffer] });
  };
  yield* inOrder(listHeightBlocks(raster, band, signal), threads + 1, analyse, signal);
}

/** An aspect by `scale` is gdaldem's, for which all cells are squares. */
function sizesFor({ info }: Raster, { kind }: Analysis, scale: number | null): ReturnType<typeof cellSizes> {
  // Colours lie wherever the heights do, also nowhere.
  if (kind === "colors") return () => ({ width: 1, height: 1 });
  const sizes = cellSizes(info, scale);
  return kind === "aspect" && scale !== null ? () => ({ width: 1, height: 1 }) : sizes;
}

function sizesOf({ y, height }: RowBlock, sizeOf: ReturnType<typeof cellSizes>): Float64Array<ArrayBuffer> {
  const sizes = new Float64Array(2 * height);
  for (let row = 0; row < height; row++) {
    const { width, height: cellHeight } = sizeOf(y + row);
    sizes[2 * row] = width;
    sizes[2 * row + 1] = cellHeight;
  }
  return sizes;
}

function sidesOf({ info }: Raster, { y, height }: RowBlock) {
  return { top: y === 0, bottom: y + height === info.height, left: true, right: true };
}
