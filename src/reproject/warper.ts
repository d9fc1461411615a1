import { Semaphore, WorkerPool } from "../concurrency/index.ts";
import { errorFromJson, TilthError } from "../core/index.ts";
import {
  encodeTile,
  type DecodedTile,
  type EncodedTile,
  type ElevationEncoding,
  type TileEncoding,
} from "../raster/index.ts";
import { compileKernel, KERNEL_SCRATCH_BYTES, type KernelImage } from "./kernels/warp_kernel.ts";
import type { Resampling } from "./resampling.ts";
import type { WarpPlan } from "./warp_plan.ts";
import { decodeTask, warpTask, type PlacedTile, type WarpCall, type WarpOutcome } from "./warp_worker.ts";

/** Null: no data anywhere. */
export type WarpedTiles = readonly (EncodedTile | null)[];

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

  /** Pixels of each tile, or the error of one that does not decode. */
  async decode(
    tiles: readonly Uint8Array[],
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly (DecodedTile | TilthError)[]> {
    const outcomes = await this.#pool.run(decodeTask, [tiles], options);
    return outcomes.map((outcome) => ("pixels" in outcome ? outcome.pixels : errorFromJson(outcome.error)));
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
    const wanted = only ?? plan.tiles.keys().toArray();
    const layout = new ArenaLayout();
    const tiles = wanted.map((index) => ({
      blocks: plan.tiles[index]?.blocks ?? [],
      out: layout.addImage(tileWidth, tileHeight),
    }));
    const mosaic = layout.addImage(plan.mosaicWidth, plan.mosaicHeight);
    const copies = listCopies(plan, decoded, layout);
    const memory = openMemory(arena, layout.sizeBytes);
    for (const { tile, ptr } of copies) new Uint8Array(memory.buffer, ptr, tile.data.length).set(tile.data);
    const call = {
      memory,
      module: compileKernel(),
      mosaic,
      placed: placeTiles(plan, copies),
      holes: listHoles(plan, decoded),
      opaque: plan.placements.every(({ source }) => decoded[source]?.channels === 3),
      tiles,
      resampling,
      encoding,
      elevation,
    };
    const outcomes = await this.#pool.run(warpTask, [call], { signal });
    return Promise.all(outcomes.map((outcome, i) => finishTile(memory, tiles[i]?.out, outcome, encoding)));
  }
}

/** JPEG and WebP are encoded by the image library's own threads, out of the shared memory. */
async function finishTile(
  memory: WebAssembly.Memory,
  out: KernelImage | undefined,
  outcome: WarpOutcome,
  encoding: TileEncoding,
): Promise<EncodedTile | null> {
  if (outcome === null || outcome.format !== "raw" || out === undefined) return outcome as EncodedTile | null;
  const { channels, opaque } = outcome;
  const { ptr, width, height } = out;
  const data = new Uint8Array(memory.buffer, ptr, width * height * channels);
  return encodeTile({ width, height, channels, data }, encoding, opaque);
}

/** Bytes that may be read after an image: the kernel works on whole vectors. */
const MARGIN_BYTES = 64;

/** Places in one memory, after the kernel's scratch. */
class ArenaLayout {
  sizeBytes = Math.ceil(KERNEL_SCRATCH_BYTES / 64) * 64;

  addBytes(count: number): number {
    const ptr = this.sizeBytes;
    this.sizeBytes += Math.ceil((count + MARGIN_BYTES) / 64) * 64;
    return ptr;
  }

  addImage(width: number, height: number): KernelImage {
    return { ptr: this.addBytes(width * height * 4), width, height };
  }
}

function openMemory(arena: Arena, sizeBytes: number): WebAssembly.Memory {
  const pages = Math.ceil(sizeBytes / PAGE);
  arena.memory ??= new WebAssembly.Memory({ initial: pages, maximum: 65_536, shared: true });
  const missing = pages - arena.memory.buffer.byteLength / PAGE;
  if (missing > 0) arena.memory.grow(missing);
  return arena.memory;
}

interface TileCopy {
  readonly source: number;
  readonly tile: DecodedTile;
  readonly ptr: number;
}

function listCopies(plan: WarpPlan, decoded: readonly (DecodedTile | null)[], layout: ArenaLayout): TileCopy[] {
  return decoded.flatMap((tile, source) => {
    if (tile === null) return [];
    requireSize(tile, plan.cellWidth, plan.cellHeight);
    return [{ source, tile, ptr: layout.addBytes(tile.data.length) }];
  });
}

function placeTiles({ placements, cellWidth, cellHeight }: WarpPlan, copies: readonly TileCopy[]): PlacedTile[] {
  const bySource = new Map(copies.map((copy) => [copy.source, copy]));
  return placements.flatMap(({ source, column, row }) => {
    const copy = bySource.get(source);
    if (copy === undefined) return [];
    const { width, height, channels } = copy.tile;
    return [{ ptr: copy.ptr, width, height, channels, left: column * cellWidth, top: row * cellHeight }];
  });
}

/** Cells of the mosaic that get no tile: nothing there, or nobody reads them. */
function listHoles(plan: WarpPlan, decoded: readonly (DecodedTile | null)[]): WarpCall["holes"] {
  const { cellWidth, cellHeight, mosaicWidth, mosaicHeight } = plan;
  const columns = mosaicWidth / cellWidth;
  const filled = new Set<number>();
  for (const { source, column, row } of plan.placements)
    if ((decoded[source] ?? null) !== null) filled.add(row * columns + column);
  return Array.from({ length: columns * (mosaicHeight / cellHeight) }, (_, cell) => cell)
    .filter((cell) => !filled.has(cell))
    .map((cell) => ({
      left: (cell % columns) * cellWidth,
      top: Math.floor(cell / columns) * cellHeight,
      width: cellWidth,
      height: cellHeight,
    }));
}

function requireSize({ width, height }: DecodedTile, cellWidth: number, cellHeight: number): void {
  if (width === cellWidth && height === cellHeight) return;
  throw new TilthError(
    "tile.notImage",
    `expected source tiles of ${cellWidth} x ${cellHeight} pixels, got ${width} x ${height}; say --tile-size`,
    { fields: { width, height, cellWidth, cellHeight } },
  );
}
