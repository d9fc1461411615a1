import { Semaphore, WorkerPool } from "../concurrency/index.ts";
import { errorFromJson, isCancelled, isTilthError, TilthError } from "../core/index.ts";
import { encodeTile, finishPng, type EncodedTile, type ElevationEncoding, type TileEncoding } from "../raster/index.ts";
import { tileToText } from "../grid/index.ts";
import { DecodedSlots, type DecodedSlot, type SlotShape } from "./decoded_slots.ts";
import { compileKernel, type KernelImage } from "./kernels/warp_kernel.ts";
import { packBlocks } from "./packed_blocks.ts";
import type { Resampling } from "./resampling.ts";
import type { MosaicCell } from "./source_window.ts";
import { WarpMemory } from "./warp_memory.ts";
import { MOSAIC_PIXELS } from "./warp_plan.ts";
import type { WarpPlan } from "./plan_builder.ts";
import { decodeTask, warpTask, type WarpOutcome } from "./warp_worker.ts";

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
  /** Destination tiles of a plan at most. */
  tilesPerPlan: number;
}

/** Null: no data anywhere. An error: a source tile that it needs does not decode. */
export type WarpedTile = EncodedTile | TilthError | null;

/** A memory, with what is decoded in it. */
interface Workshop {
  readonly memory: WarpMemory;
  readonly slots: DecodedSlots;
  readonly slotPixels: number;
}

/** Decodes, warps and encodes tiles on worker threads. At most one call more than there are threads is under way. */
export class Warper implements AsyncDisposable {
  readonly #options: WarperOptions;
  readonly #pool: WorkerPool;
  readonly #places: Semaphore;
  #workshop: Workshop | null = null;
  #decodes = 0;

  constructor(options: WarperOptions) {
    this.#options = options;
    // Pixels lie in the shared memory; a small young generation keeps what is beside them from piling up (6 MB instead of 48 a thread).
    this.#pool = new WorkerPool({ maxThreads: options.threads, resourceLimits: { maxYoungGenerationSizeMb: 3 } });
    this.#places = new Semaphore(options.threads + 1);
  }

  /** Source tiles decoded so far; one that leaves the memory and is needed again counts twice. */
  get decodes(): number {
    return this.#decodes;
  }

  /**
   * The tiles of a plan, in its order. All calls are for one source: a source tile that was decoded for one is there for the next,
   * as long as it comes as the very same bytes (the same array).
   * @param tiles bytes of each source of the plan; null where the source has nothing
   * @throws CancelledError
   */
  async warp(
    plan: WarpPlan,
    tiles: readonly (Uint8Array | null)[],
    options: { signal?: AbortSignal } = {},
  ): Promise<readonly WarpedTile[]> {
    const release = this.#places.tryAcquire() ?? (await this.#places.acquire({ signal: options.signal }));
    try {
      for (;;) {
        const made = await this.#tryWarp(plan, tiles, options.signal);
        if (made !== null) return made;
      }
    } finally {
      release();
    }
  }

  /** Null when another call was aborted while it decoded a tile that this one waits for: this one decodes it itself then. */
  async #tryWarp(
    plan: WarpPlan,
    tiles: readonly (Uint8Array | null)[],
    signal: AbortSignal | undefined,
  ): Promise<readonly WarpedTile[] | null> {
    const workshop = this.#workshopFor(plan);
    try {
      return await this.#warpIn(workshop, plan, tiles, signal);
    } catch (error) {
      // A thread that is being ended may still write to its place and its slots: who comes next begins with a memory of its own.
      if (this.#workshop === workshop) this.#workshop = null;
      const isAnothers = signal?.aborted !== true && (isCancelled(error) || isTilthError(error, "timeout"));
      if (isAnothers) return null;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The common one, or one of its own for a plan that does not fit. */
  #workshopFor(plan: WarpPlan): Workshop {
    const slotPixels = plan.cellWidth * plan.cellHeight;
    const large =
      plan.mosaicWidth * plan.mosaicHeight > MOSAIC_PIXELS || plan.sources.length * slotPixels > MOSAIC_PIXELS;
    if (large) return this.#makeWorkshop(1, plan.mosaicWidth * plan.mosaicHeight, slotPixels, plan.sources.length);
    if (this.#workshop === null || this.#workshop.slotPixels < slotPixels) {
      const places = this.#options.threads + 1;
      // Tiles of neighbouring plans overlap: three calls never read more than three mosaics.
      const slots = Math.max(1, Math.floor(MOSAIC_PIXELS / slotPixels)) * places;
      this.#workshop = this.#makeWorkshop(places, MOSAIC_PIXELS, slotPixels, slots);
    }
    return this.#workshop;
  }

  #makeWorkshop(places: number, windowPixels: number, slotPixels: number, slots: number): Workshop {
    const { tileWidth, tileHeight, tilesPerPlan } = this.#options;
    const memory = new WarpMemory({
      places,
      windowPixels,
      tiles: tilesPerPlan,
      tileWidth,
      tileHeight,
      slots,
      slotPixels,
    });
    return { memory, slots: new DecodedSlots(memory.slotPtrs), slotPixels };
  }

  async #warpIn(
    workshop: Workshop,
    plan: WarpPlan,
    tiles: readonly (Uint8Array | null)[],
    signal: AbortSignal | undefined,
  ): Promise<readonly WarpedTile[]> {
    const slots = this.#openSlots(workshop, plan, tiles, signal);
    try {
      const shapes = await Promise.all(
        slots.map(async (slot) => (slot === null ? null : checkShape(plan, await slot.shape))),
      );
      const made: WarpedTile[] = plan.tiles.map(({ sources }) => findError(sources, shapes));
      const whole = plan.tiles
        .keys()
        .filter((index) => made[index] === null)
        .toArray();
      const wanted = whole.filter((index) => plan.tiles[index]?.sources.some((source) => shapes[source] !== null));
      if (wanted.length === 0) return made;
      const done = await this.#runWarp(workshop, plan, slots, shapes, wanted, signal);
      wanted.forEach((index, i) => (made[index] = done[i] ?? null));
      return made;
    } finally {
      for (const slot of slots) if (slot !== null) workshop.slots.unpin(slot);
    }
  }

  /** A slot for each source, pinned; those that are not decoded yet go to a thread together. */
  #openSlots(
    { memory, slots, slotPixels }: Workshop,
    plan: WarpPlan,
    tiles: readonly (Uint8Array | null)[],
    signal: AbortSignal | undefined,
  ): (DecodedSlot | null)[] {
    const fresh: { key: string; slot: DecodedSlot; data: Uint8Array }[] = [];
    const all = plan.sources.map((tile, index) => {
      const data = tiles[index] ?? null;
      if (data === null) return null;
      const key = tileToText(tile);
      const known = slots.find(key, data);
      if (known !== null) return known;
      const slot = slots.reserve(key, data);
      fresh.push({ key, slot, data });
      return slot;
    });
    if (fresh.length === 0) return all;
    this.#decodes += fresh.length;
    const call = {
      memory: memory.memory,
      tiles: fresh.map(({ data, slot }) => ({ data, ptr: slot.ptr })),
      maxPixels: slotPixels,
    };
    const outcomes = this.#pool.run(decodeTask, [call], { signal });
    fresh.forEach(({ key, slot }, i) => {
      slot.shape = outcomes.then((list) => {
        const outcome = list[i];
        return outcome !== undefined && "shape" in outcome ? outcome.shape : errorFromJson(outcome?.error ?? {});
      });
      slot.shape.catch(() => slots.drop(key, slot));
    });
    return all;
  }

  async #runWarp(
    { memory }: Workshop,
    plan: WarpPlan,
    slots: readonly (DecodedSlot | null)[],
    shapes: readonly (SlotShape | TilthError | null)[],
    wanted: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<readonly (EncodedTile | null)[]> {
    const { resampling, encoding, elevation = null } = this.#options;
    const place = memory.takePlace();
    const usable = shapes.map((shape) => (shape instanceof TilthError ? null : shape));
    const tiles = wanted.map((index, i) => ({
      cells: plan.tiles[index]?.cells ?? [],
      out: place.outs[i] as KernelImage,
    }));
    const call = {
      memory: memory.memory,
      module: compileKernel(),
      scratchPtr: place.scratchPtr,
      windowPtr: place.windowPtr,
      cells: placeCells(plan, slots, usable),
      tiles,
      blocks: packBlocks(wanted.map((index) => plan.tiles[index]?.blocks ?? [])),
      resampling,
      encoding,
      elevation,
    };
    const outcomes = await this.#pool.run(warpTask, [call], { signal });
    const made = await Promise.all(outcomes.map((outcome, i) => finishTile(memory, tiles[i]?.out, outcome, encoding)));
    // Not after an error: a thread that is being ended may still write there.
    memory.putBack(place);
    return made;
  }
}

/** Encoders run on the threads of zlib and of the image library, out of the shared memory. */
async function finishTile(
  { memory }: WarpMemory,
  out: KernelImage | undefined,
  outcome: WarpOutcome,
  encoding: TileEncoding,
): Promise<EncodedTile | null> {
  if (outcome === null || out === undefined) return null;
  const { ptr, width, height } = out;
  if (outcome.kind === "png") {
    const rows = new Uint8Array(memory.buffer, ptr, outcome.rowsBytes);
    return { data: await finishPng({ ...outcome, rows }, encoding.effort), format: "png" };
  }
  const { channels, opaque } = outcome;
  const data = new Uint8Array(memory.buffer, ptr, width * height * channels);
  return encodeTile({ width, height, channels, data }, encoding, opaque);
}

function checkShape({ cellWidth, cellHeight }: WarpPlan, shape: SlotShape | TilthError): SlotShape | TilthError {
  if (shape instanceof TilthError || (shape.width === cellWidth && shape.height === cellHeight)) return shape;
  const { width, height } = shape;
  return new TilthError(
    "tile.notImage",
    `expected source tiles of ${cellWidth} x ${cellHeight} pixels, got ${width} x ${height}; say --tile-size`,
    { fields: { width, height, cellWidth, cellHeight } },
  );
}

function findError(sources: readonly number[], shapes: readonly (SlotShape | TilthError | null)[]): TilthError | null {
  for (const source of sources) {
    const shape = shapes[source];
    if (shape instanceof TilthError) return shape;
  }
  return null;
}

function placeCells(
  { placements, cellWidth, cellHeight }: WarpPlan,
  slots: readonly (DecodedSlot | null)[],
  shapes: readonly (SlotShape | null)[],
): MosaicCell[] {
  return placements.map(({ source, column, row }) => {
    const shape = shapes[source] ?? null;
    const slot = slots[source] ?? null;
    const tile = shape === null || slot === null ? null : { ptr: slot.ptr, ...shape };
    return { left: column * cellWidth, top: row * cellHeight, width: cellWidth, height: cellHeight, tile };
  });
}
