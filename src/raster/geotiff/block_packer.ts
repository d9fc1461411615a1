import { availableParallelism } from "node:os";
import { CancellableThreadPool } from "../../concurrency/index.ts";
import { abortable } from "../../core/index.ts";
import { encodeBlock, encodeTask, type BlockToEncode, type EncodedBlock } from "./encode_block.ts";
import { BLOCK_THREAD_LIMITS } from "./thread_limits.ts";

/** Packs blocks on threads and hands them on in the order in which they came, a few of them under way. */
export class BlockPacker implements AsyncDisposable {
  readonly #pool: CancellableThreadPool | null;
  readonly #ahead: number;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: { packed: Promise<EncodedBlock>; take: (block: EncodedBlock) => Promise<void> }[] = [];

  constructor(threads: number = availableParallelism(), signal?: AbortSignal) {
    this.#pool =
      threads === 0 ? null : new CancellableThreadPool({ maxWorkers: threads, resourceLimits: BLOCK_THREAD_LIMITS });
    this.#ahead = threads * 2;
    this.#signal = signal;
  }

  /** `block.pixels` is handed over. Waits while too many are under way. */
  async add(block: BlockToEncode, take: (block: EncodedBlock) => Promise<void>): Promise<void> {
    const packed = this.#pool === null ? encodeBlock(block) : this.#pool.submitTask(encodeTask, block);
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
