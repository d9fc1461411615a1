import { KERNEL_SCRATCH_BYTES, type KernelImage } from "./kernels/warp_kernel.ts";

const PAGE = 65_536;
/** Bytes that may be read after an image: the kernel works on whole vectors. */
const MARGIN_BYTES = 64;

export interface WarpMemoryOptions {
  /** Calls that work at the same time; each has a place of its own. */
  places: number;
  /** Source pixels that one destination tile reads at most. */
  windowPixels: number;
  /** Destination tiles of one call at most, and their pixels. */
  tiles: number;
  tileWidth: number;
  tileHeight: number;
  /** Decoded source tiles that are kept, and their pixels. */
  slots: number;
  slotPixels: number;
}

/** Where one call works. */
export interface WarpPlace {
  /** For positions and tap tables. */
  readonly scratchPtr: number;
  readonly windowPtr: number;
  readonly outs: readonly KernelImage[];
}

/** One memory shared by all threads, of fixed size: decoded source tiles, and for each call a window of source pixels and the tiles that it makes. */
export class WarpMemory {
  readonly memory: WebAssembly.Memory;
  readonly slotPtrs: readonly number[];
  readonly #places: WarpPlace[];
  #end = PAGE;

  constructor(options: WarpMemoryOptions) {
    const { places, windowPixels, tiles, tileWidth, tileHeight, slots, slotPixels } = options;
    this.#places = Array.from({ length: places }, () => ({
      scratchPtr: this.#take(KERNEL_SCRATCH_BYTES),
      windowPtr: this.#take(windowPixels * 4),
      outs: Array.from({ length: tiles }, () => ({
        // Rows of a PNG have a byte more each.
        ptr: this.#take((tileWidth * 4 + 1) * tileHeight),
        width: tileWidth,
        height: tileHeight,
      })),
    }));
    this.slotPtrs = Array.from({ length: slots }, () => this.#take(slotPixels * 4));
    const pages = Math.ceil(this.#end / PAGE);
    // Pages that nobody has touched cost nothing.
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  }

  /** A place that nobody works in; the caller keeps count of them. */
  takePlace(): WarpPlace {
    const place = this.#places.pop();
    if (place === undefined) throw new RangeError("more calls at a time than places");
    return place;
  }

  putBack(place: WarpPlace): void {
    this.#places.push(place);
  }

  #take(count: number): number {
    const ptr = this.#end;
    this.#end += Math.ceil((count + MARGIN_BYTES) / 64) * 64;
    return ptr;
  }
}
