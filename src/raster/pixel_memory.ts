import { bytesPerPixel, newPixels, viewPixels, type PixelArray, type PixelType } from "./pixel_type.ts";

/** Buffers that are kept for what comes next, at most. */
const MAX_SPARES = 64;

/**
 * Memory of windows that were read and done with, for those that are read next. New memory has to be cleared by the system, page by page: on a virtual machine
 * 40 ms for each 64 MB, as much as a kernel needs for them.
 */
export class PixelMemory {
  readonly #spares: ArrayBuffer[] = [];
  /** Arrays that were taken and not given back. */
  #lent = 0;

  /** What it holds before it is written is not said. */
  take(type: PixelType, count: number): PixelArray {
    this.#lent++;
    const sizeBytes = count * bytesPerPixel(type);
    const at = this.#spares.findIndex(({ byteLength }) => byteLength === sizeBytes);
    const [spare] = at === -1 ? [] : this.#spares.splice(at, 1);
    return spare === undefined ? newPixels(type, count) : viewPixels(type, spare);
  }

  /**
   * Nobody looks at them any more. A buffer that was handed to a thread is gone and not kept, nor is more than was taken: windows of rasters that take no memory from
   * here would pile up.
   */
  give(pixels: readonly PixelArray[]): void {
    for (const { buffer } of pixels) {
      if (this.#lent === 0) return;
      this.#lent--;
      if (buffer.byteLength > 0 && this.#spares.length < MAX_SPARES) this.#spares.push(buffer);
    }
  }
}
