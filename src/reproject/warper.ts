import { Semaphore, WorkerPool } from "../concurrency/index.ts";
import { TilthError } from "../core/index.ts";
import type { DecodedTile, ElevationEncoding, TileEncoding } from "../raster/index.ts";
import { KERNEL_SCRATCH_BYTES, type KernelImage } from "./kernels/warp_kernel.ts";
import { blitRgba, clearRect } from "./mosaic_memory.ts";
import type { Resampling } from "./resampling.ts";
import type { WarpPlan } from "./warp_plan.ts";
import { warpTask, type WarpedTiles } from "./warp_worker.ts";

export interface WarperOptions {
  /** Worker threads. */
  threads: number;
  resampling: Resampling;
  encoding: TileEncoding;
  /** Set when tiles are elevation: they are resampled in metres and written as PNG. @default null */
  elevation?: ElevationEncoding | null;
  /** Pixels of a destination tile. */
  tileWidth: number;
  tileHeight: number;
}

const PAGE = 65_536;

/** Memory that one call works in: shared with the thread, filled here, used again. */
interface Arena {
  memory: WebAssembly.Memory | null;
}

/** Warps and encodes tiles on worker threads. At most one call more than there are threads is under way: it is filled while they work. */
export class Warper implements AsyncDisposable {
  readonly #options: WarperOptions;
  readonly #pool: WorkerPool;
  readonly #places: Semaphore;
  readonly #arenas: Arena[] = [];

  constructor(options: WarperOptions) {
    this.#options = options;
    this.#pool = new WorkerPool({ maxThreads: options.threads });
    this.#places = new Semaphore(options.threads + 1);
  }

  /**
   * The tiles of a plan, in its order; null for one without any data.
   * @param decoded pixels of each source of the plan; null where the source has nothing
   * @throws CancelledError, `tile.notImage` for a source tile of another size than the grid says
   */
  async warp(
    plan: WarpPlan,
    decoded: readonly (DecodedTile | null)[],
    options: { signal?: AbortSignal; only?: readonly number[] } = {},
  ): Promise<WarpedTiles> {
    const release = this.#places.tryAcquire() ?? (await this.#places.acquire({ signal: options.signal }));
    const arena = this.#arenas.pop() ?? { memory: null };
    try {
      const result = await this.#warpIn(arena, plan, decoded, options);
      this.#arenas.push(arena);
      return result;
    } finally {
      // After an error the arena is dropped: a thread that is being ended may still write to it.
      release();
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #warpIn(
    arena: Arena,
    plan: WarpPlan,
    decoded: readonly (DecodedTile | null)[],
    { signal, only }: { signal?: AbortSignal; only?: readonly number[] },
  ): Promise<WarpedTiles> {
    const { resampling, encoding, elevation = null, tileWidth, tileHeight } = this.#options;
    const { memory, mosaic, out } = layOut(arena, plan, tileWidth, tileHeight);
    const opaque = fillMosaic(memory, mosaic, plan, decoded);
    const tiles = (only ?? plan.tiles.keys().toArray()).map((index) => plan.tiles[index]?.blocks ?? []);
    const call = { memory, mosaic, out, opaque, tiles, resampling, encoding, elevation };
    return this.#pool.run(warpTask, [call], { signal });
  }
}

/** Scratch, one output tile, the mosaic; the memory grows when it must. */
function layOut(
  arena: Arena,
  plan: WarpPlan,
  tileWidth: number,
  tileHeight: number,
): { memory: WebAssembly.Memory; mosaic: KernelImage; out: KernelImage } {
  const out = { ptr: Math.ceil(KERNEL_SCRATCH_BYTES / 64) * 64, width: tileWidth, height: tileHeight };
  const mosaicPtr = Math.ceil((out.ptr + tileWidth * tileHeight * 4) / 64) * 64;
  const mosaic = { ptr: mosaicPtr, width: plan.mosaicWidth, height: plan.mosaicHeight };
  // Sixteen bytes more: the kernel reads whole vectors.
  const pages = Math.ceil((mosaicPtr + mosaic.width * mosaic.height * 4 + 16) / PAGE);
  arena.memory ??= new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
  const missing = pages - arena.memory.buffer.byteLength / PAGE;
  if (missing > 0) arena.memory.grow(missing);
  return { memory: arena.memory, mosaic, out };
}

/** Puts the source tiles into their cells and clears all others. True when every cell that is read is opaque. */
function fillMosaic(
  memory: WebAssembly.Memory,
  mosaic: KernelImage,
  plan: WarpPlan,
  decoded: readonly (DecodedTile | null)[],
): boolean {
  const { cellWidth, cellHeight } = plan;
  const pixels = new Uint8Array(memory.buffer, mosaic.ptr, mosaic.width * mosaic.height * 4);
  const image = { width: mosaic.width, height: mosaic.height, data: pixels };
  const columns = mosaic.width / cellWidth;
  const filled = new Set<number>();
  let opaque = true;
  for (const { source, column, row } of plan.placements) {
    const tile = decoded[source] ?? null;
    if (tile === null) {
      opaque = false;
      continue;
    }
    requireSize(tile, cellWidth, cellHeight);
    blitRgba(image, tile, column * cellWidth, row * cellHeight);
    filled.add(row * columns + column);
    opaque &&= tile.channels === 3;
  }
  for (let cell = 0; cell < columns * (mosaic.height / cellHeight); cell++) {
    if (filled.has(cell)) continue;
    clearRect(image, (cell % columns) * cellWidth, Math.floor(cell / columns) * cellHeight, cellWidth, cellHeight);
  }
  return opaque;
}

function requireSize({ width, height }: DecodedTile, cellWidth: number, cellHeight: number): void {
  if (width === cellWidth && height === cellHeight) return;
  throw new TilthError(
    "tile.notImage",
    `expected source tiles of ${cellWidth} x ${cellHeight} pixels, got ${width} x ${height}; say --tile-size`,
    { fields: { width, height, cellWidth, cellHeight } },
  );
}
