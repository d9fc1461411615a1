import { open, rm, type FileHandle } from "node:fs/promises";
import { releaseMemory, TilthError } from "../../core/index.ts";
import { fileError } from "../file_source.ts";

const CHUNK_BYTES = 1024 * 1024;
/** Buffers that are written at once: systems take 1024. */
const MAX_BUFFERS = 512;

/**
 * Packed blocks of one level: in a file beside the one that they go into, where their order is known at the end only (a COG), or in that file itself, behind a gap for
 * what comes in front of them.
 */
export class Spool {
  /** Of each block. */
  readonly sizes: number[] = [];
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  readonly firstByte: number;
  sizeBytes = 0;

  private constructor(path: string, handle: FileHandle, firstByte: number) {
    this.#path = path;
    this.#handle = handle;
    this.firstByte = firstByte;
  }

  /** @param firstByte of the blocks in the file */
  static async open(path: string, firstByte = 0): Promise<Spool> {
    const handle = await open(path, "w+").catch((error: unknown) => {
      throw fileError(path, error);
    });
    return new Spool(path, handle, firstByte);
  }

  /** Blocks behind each other, and the size of each. They are the spool's own from then on. */
  async add(blocks: Uint8Array<ArrayBuffer>, sizes: readonly number[]): Promise<void> {
    for (const size of sizes) this.sizes.push(size);
    this.#waiting.push(blocks);
    this.#waitingBytes += blocks.length;
    this.sizeBytes += blocks.length;
    if (this.#waitingBytes >= CHUNK_BYTES || this.#waiting.length >= MAX_BUFFERS) await this.#flush();
  }

  /** Its bytes in order; each block is a part of one of the chunks or spans them. A chunk holds until the next one is asked for: two take turns, one of them being read. */
  async *chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    await this.#flush();
    const memory = [new Uint8Array(CHUNK_BYTES), new Uint8Array(CHUNK_BYTES)] as const;
    let coming = this.#read(memory[0], 0);
    try {
      for (let at = 0, turn = 1; at < this.sizeBytes; turn = 1 - turn) {
        const chunk: Uint8Array<ArrayBuffer> = await coming;
        at += chunk.length;
        coming = this.#read(memory[turn as 0 | 1], at);
        // Told when its turn comes; until then it must not count as unhandled.
        coming.catch(() => undefined);
        yield chunk;
      }
    } finally {
      await Promise.allSettled([coming]);
    }
  }

  async #read(into: Uint8Array<ArrayBuffer>, at: number): Promise<Uint8Array<ArrayBuffer>> {
    const length = Math.min(into.length, this.sizeBytes - at);
    if (length === 0) return into.subarray(0, 0);
    const { bytesRead } = await this.#handle.read(into, 0, length, this.firstByte + at);
    if (bytesRead === 0) throw fileError(this.#path, new Error("the spool ends early"));
    return into.subarray(0, bytesRead);
  }

  /** The file is whole with this at its front: it is on the disk and closed. */
  async complete(front: Uint8Array): Promise<void> {
    if (front.length > this.firstByte)
      throw new TilthError("internal", `${front.length} bytes were to go before blocks at byte ${this.firstByte}`);
    await this.#flush();
    try {
      await this.#write([front], 0);
      await this.#handle.sync();
      await this.#handle.close();
    } catch (error) {
      throw fileError(this.#path, error);
    }
  }

  async remove(): Promise<void> {
    // Closed already when it was completed.
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    const blocks = this.#waiting.splice(0);
    const at = this.firstByte + this.sizeBytes - this.#waitingBytes;
    this.#waitingBytes = 0;
    if (blocks.length === 0) return;
    await this.#write(blocks, at).catch((error: unknown) => {
      throw fileError(this.#path, error);
    });
    releaseMemory(blocks);
  }

  /** All of them: a system may take a part. */
  async #write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    let left = buffers.filter(({ length }) => length > 0);
    for (let at = position; left.length > 0;) {
      let { bytesWritten } = await this.#handle.writev(left, at);
      at += bytesWritten;
      left = left.flatMap((buffer) => {
        const skipped = Math.min(bytesWritten, buffer.length);
        bytesWritten -= skipped;
        return skipped === buffer.length ? [] : [buffer.subarray(skipped)];
      });
    }
  }
}
