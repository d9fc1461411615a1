import { open, rm, type FileHandle } from "node:fs/promises";
import { releaseMemory } from "../../core/index.ts";
import { fileError } from "../file_source.ts";

const CHUNK_BYTES = 1024 * 1024;

/** Packed blocks of one level, in a file beside the one that they go into: the order of a COG is known at the end only. */
export class Spool {
  /** Of each block. */
  readonly sizes: number[] = [];
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #waitingBytes = 0;
  sizeBytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<Spool> {
    const handle = await open(path, "w+").catch((error: unknown) => {
      throw fileError(path, error);
    });
    return new Spool(path, handle);
  }

  /** Blocks behind each other, and the size of each. They are the spool's own from then on. */
  async add(blocks: Uint8Array<ArrayBuffer>, sizes: readonly number[]): Promise<void> {
    for (const size of sizes) this.sizes.push(size);
    this.#waiting.push(blocks);
    this.#waitingBytes += blocks.length;
    this.sizeBytes += blocks.length;
    if (this.#waitingBytes >= CHUNK_BYTES) await this.#flush();
  }

  /** Its bytes in order; each block is a part of one of the chunks or spans them. */
  async *chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    await this.#flush();
    for (let at = 0; at < this.sizeBytes;) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, this.sizeBytes - at));
      const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) throw fileError(this.#path, new Error("the spool ends early"));
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  }

  async remove(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    const blocks = this.#waiting.splice(0);
    const bytes = Buffer.concat(blocks);
    this.#waitingBytes = 0;
    releaseMemory(blocks);
    if (bytes.length === 0) return;
    await this.#handle.appendFile(bytes).catch((error: unknown) => {
      throw fileError(this.#path, error);
    });
  }
}
