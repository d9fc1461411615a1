import { availableParallelism } from "node:os";
import { CancellableThreadPool } from "../../concurrency/index.ts";
import { abortable } from "../../core/index.ts";
import { encodeBlock, encodeTask, type BlockToEncode, type EncodedBlock } from "./encode_block.ts";
import { BLOCK_THREAD_LIMITS } from "./thread_limits.ts";

/** Bytes of pixels that are packed on the calling thread before threads are started: as in `BlockDecoder`. */
const INLINE_BYTES = 2 * 1024 * 1024;

/** Packs blocks on threads and hands them on in the order in which they came, a few of them under way. */
export class BlockPacker implements AsyncDisposable {
  readonly #pool: CancellableThreadPool | null;
  readonly #ahead: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: { packed: Promise<EncodedBlock>; take: (block: EncodedBlock) => Promise<void> }[] = [];

  #inlineBytes = 0;

  constructor(threads: number = availableParallelism(), signal?: AbortSignal) {
    this.#pool =
      threads === 0 ? null : new CancellableThreadPool({ maxWorkers: threads, resourceLimits: BLOCK_THREAD_LIMITS });
    this.#ahead = threads * 2;
    this.#signal = signal;
  }

  /** `block.pixels` is handed over. Waits while too many are under way. */
  async add(block: BlockToEncode, take: (block: EncodedBlock) => Promise<void>): Promise<void> {
    const pool = this.#inlineBytes + block.pixels.byteLength <= INLINE_BYTES ? null : this.#pool;
    if (pool === null) this.#inlineBytes += block.pixels.byteLength;
    const packed = pool === null ? encodeBlock(block) : pool.submitTask(encodeTask, block);
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
    await this.#pool?.[Symbol.asyncDispose]();
  }
}
