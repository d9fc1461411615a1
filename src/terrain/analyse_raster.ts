import { inOrder, workerTask } from "../concurrency/index.ts";
import {
  ComputedRaster,
  RasterThreads,
  type BandInfo,
  type ComputeRequest,
  type PixelArray,
  type PixelRect,
  type Raster,
  type RasterInfo,
  type RasterStrip,
  type WriteInfo,
} from "../raster/index.ts";
import { outputsOf, type Analysis } from "./analysis.ts";
import { cellSizes } from "./cell_sizes.ts";
import type { RasterSides } from "./height_block.ts";
import { listHeightBlocks, readHeightBlock, type LentBlock, type RowBlock } from "./height_blocks.ts";
import { blockRows } from "./strip_filler.ts";
import type { analyseBlock, BlockJob } from "./terrain_worker.ts";
import { TERRAIN_WORKER } from "./worker_url.ts";

export interface AnalyseOptions {
  /** Index from 0. @default 0 */
  readonly band?: number;
  /** Cells of the edge and beside gaps get a result, too, as with gdaldem's `-compute_edges`. @default false */
  readonly computeEdges?: boolean;
  /** Units of height in one of the CRS. @default null: metres by latitude for a geographic DEM, else 1 */
  readonly scale?: number | null;
  /** Cells of a Mercator map count as long as they are on the ground. @default false, as with gdaldem */
  readonly onGround?: boolean;
  /** @default one for each core */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

const task = workerTask<typeof analyseBlock>({
  module: TERRAIN_WORKER,
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
  const { band = 0, computeEdges = false, signal } = options;
  const sizeOf = sizesFor(raster, analysis, options);
  await using pool = new RasterThreads(options.threads);
  const outBytes = raster.info.width * blockRows(raster) * Float32Array.BYTES_PER_ELEMENT;
  // New memory for each result would cost as much as the analysis does, in pages that the system clears.
  const spares: SharedArrayBuffer[] = [];
  const analyse = async ({ block, release }: LentBlock): Promise<RasterStrip> => {
    const out = spares.pop() ?? new SharedArrayBuffer(outBytes);
    const sides = sidesOf(raster.info, { x: 0, width: raster.info.width, y: block.y, height: block.height });
    const job: BlockJob = { analysis, block, sizes: sizesOf(block, sizeOf), computeEdges, sides, out };
    const { height, bands } = await pool.run(task, [job], { signal });
    release();
    return { height, bands, release: () => void spares.push(out) };
  };
  yield* inOrder(listHeightBlocks(raster, band, signal), pool.count + 1, analyse, signal);
}

/**
 * The same as a Raster: any window of it is computed when it is read, with the cells around it, so that windows join without a seam. The DEM stays the caller's.
 * @throws as `analyseRaster`
 */
export function analysedRaster(
  raster: Raster,
  analysis: Analysis,
  options: Omit<AnalyseOptions, "signal"> = {},
): Raster {
  const { band = 0, computeEdges = false } = options;
  const sizeOf = sizesFor(raster, analysis, options);
  const pool = new RasterThreads(options.threads);
  const isColors = analysis.kind === "colors";
  const info: RasterInfo = {
    ...raster.info,
    ...analysisInfo(raster, analysis),
    format: analysis.kind,
    block: { width: raster.info.width, height: Math.min(256, raster.info.height) },
    overviews: [],
    mask: isColors ? (analysis.alpha ? "alpha" : "none") : "nodata",
    palette: null,
    compression: "none",
  };
  const compute = async ({ rect, bands, signal }: ComputeRequest) => {
    const block = await readHeightBlock(raster, band, rect, signal);
    const sizes = sizesOf(block, sizeOf);
    const job: BlockJob = { analysis, block, sizes, computeEdges, sides: sidesOf(raster.info, rect), out: null };
    const result = await pool.run(task, [job], { signal, transfer: [block.heights.buffer] });
    return { bands: bands.map((index) => result.bands[index] as PixelArray) };
  };
  return new ComputedRaster({ info, compute, close: () => pool.close() });
}

/** An aspect by `scale` is gdaldem's, for which all cells are squares. */
function sizesFor(
  { info }: Raster,
  { kind }: Analysis,
  { scale = null, onGround }: AnalyseOptions,
): ReturnType<typeof cellSizes> {
  // Colours lie wherever the heights do, also nowhere.
  if (kind === "colors") return () => ({ width: 1, height: 1 });
  const sizes = cellSizes(info, { scale, onGround });
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

function sidesOf(info: RasterInfo, { x, y, width, height }: PixelRect): RasterSides {
  return { top: y === 0, bottom: y + height === info.height, left: x === 0, right: x + width === info.width };
}
