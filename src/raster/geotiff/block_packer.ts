import { availableParallelism } from "node:os";
import { abortable } from "../../core/index.ts";
import { encodeBlocks, encodeTask } from "./encode_block.ts";
import type { BlocksToEncode, EncodedBlocks } from "./encode_job.ts";
import { RasterThreads } from "../raster_threads.ts";

/** An image of no more bytes is packed on the calling thread: starting threads would take longer. */
const INLINE_BYTES = 1024 * 1024;

/** Packs blocks on threads and hands them on in the order in which they came, a few of them under way. */
export class BlockPacker implements AsyncDisposable {
  readonly #pool: RasterThreads | null;
  readonly #ahead: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: { packed: Promise<EncodedBlocks>; take: (blocks: EncodedBlocks) => Promise<void> }[] = [];

  /** @param imageBytes of all pixels that will come */
  constructor(imageBytes: number, threads: number = availableParallelism(), signal?: AbortSignal) {
    this.#pool = threads === 0 || imageBytes <= INLINE_BYTES ? null : new RasterThreads(threads);
    this.#ahead = threads * 2;
    this.#signal = signal;
  }

  /** `blocks.pixels` is handed over. Waits while too many are under way. */
  async add(blocks: BlocksToEncode, take: (blocks: EncodedBlocks) => Promise<void>): Promise<void> {
    const packed = this.#pool === null ? encodeBlocks(blocks) : this.#pool.run(encodeTask, [blocks]);
    packed.catch(() => undefined);
    this.#waiting.push({ packed, take });
    while (this.#waiting.length > this.#ahead) await this.#takeFirst();
  }

  async finish(): Promise<void> {
    while (this.#waiting.length > 0) await this.#takeFirst();
  }

  async #takeFirst(): Promise<void> {
    const first = this.#waiting.shift();
    if (first !== undefined) await first.take(await abortable(first.packed, this.#signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.close();
  }
}
