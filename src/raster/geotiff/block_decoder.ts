import { availableParallelism } from "node:os";
import { abortable } from "../../core/index.ts";
import type { PixelArray } from "../pixel_type.ts";
import {
  countOnThread,
  countTask,
  decodeBlocks,
  decodeTask,
  placeOnThread,
  placeTask,
  type BlocksToDecode,
  type BlocksToPlace,
  type CountedBlocks,
} from "./block_worker.ts";
import type { PixelStatistics } from "./block_statistics.ts";
import { RasterThreads } from "../raster_threads.ts";

/**
 * Decoded bytes of a raster before its threads are started: starting two takes 40 ms (150 ms from source), decoding this much 10 ms. From then on,
 * handing over costs 50 µs, so even small blocks go to the threads and leave the event loop free.
 */
const INLINE_BYTES = 2 * 1024 * 1024;

/** Decodes blocks on threads, which start when they are first needed. */
export class BlockDecoder implements AsyncDisposable {
  readonly threads: number;
  readonly #pool: RasterThreads | null;
  #inlineBytes = 0;

  /** @param threads 0: on the calling thread. @default as many as the machine runs at once */
  constructor(threads: number = availableParallelism()) {
    this.threads = threads;
    this.#pool = threads === 0 ? null : new RasterThreads(threads);
  }

  /** Groups of blocks that are worth having under way at once. */
  get width(): number {
    return Math.max(1, this.threads + 1);
  }

  /** `packed.bytes` is handed over. Rejects at once when `signal` aborts; the thread, whose blocks take milliseconds, ends by itself. */
  async decode(packed: BlocksToDecode, sizeBytes: number, signal: AbortSignal | undefined): Promise<PixelArray[]> {
    if (this.#pool === null || this.#inlineBytes + sizeBytes <= INLINE_BYTES) {
      this.#inlineBytes += sizeBytes;
      return decodeBlocks(packed);
    }
    return abortable(this.#pool.run(decodeTask, [packed]), signal);
  }

  /** Statistics of blocks, whose pixels stay where they are decoded. */
  async count(packed: CountedBlocks, signal: AbortSignal | undefined): Promise<PixelStatistics[][]> {
    return this.#pool === null ? countOnThread(packed) : abortable(this.#pool.run(countTask, [packed]), signal);
  }

  /** Puts values of blocks where they are wanted. */
  async place(packed: BlocksToPlace, signal: AbortSignal | undefined): Promise<void> {
    return this.#pool === null ? placeOnThread(packed) : abortable(this.#pool.run(placeTask, [packed]), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.close();
  }
}
