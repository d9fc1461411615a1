import type { ByteSource } from "../../core/index.ts";
import { truncated } from "../raster_errors.ts";

/** Directories, their values and block offsets lie close together: one read serves many. */
const PAGE_BYTES = 32 * 1024;
const MAX_PAGES = 64;

/** Small reads of a source, out of at most 2 MiB of pages; large ones go past them. */
export class PagedBytes {
  readonly #source: ByteSource;
  readonly #pages = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  /** Exactly `length` bytes. @throws `raster.truncated` */
  async read(offset: number, length: number, what: string, signal?: AbortSignal): Promise<DataView<ArrayBuffer>> {
    if (!(offset + length <= this.sizeBytes)) {
      const wanted = `${what} should lie at bytes ${offset} to ${offset + length}`;
      throw truncated(`${wanted}, the file has ${this.sizeBytes}`, { offset, length, sizeBytes: this.sizeBytes });
    }
    const first = Math.floor(offset / PAGE_BYTES);
    const isWithinPage = offset + length <= (first + 1) * PAGE_BYTES;
    if (!isWithinPage) return this.#readWhole(offset, length, what, signal);
    const page = await this.#page(first, signal);
    const from = offset - first * PAGE_BYTES;
    if (page.length < from + length) throw truncated(`${what} at byte ${offset} is not there any more`);
    return new DataView(page.buffer, from, length);
  }

  async #readWhole(offset: number, length: number, what: string, signal?: AbortSignal): Promise<DataView<ArrayBuffer>> {
    const bytes = await this.#source.read(offset, length, { signal });
    if (bytes.length < length) throw truncated(`${what} at byte ${offset} is not there any more`);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  #page(index: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#pages.get(index);
    this.#pages.delete(index);
    const page = known ?? this.#source.read(index * PAGE_BYTES, PAGE_BYTES, { signal });
    this.#pages.set(index, page);
    page.catch(() => this.#pages.delete(index));
    if (this.#pages.size > MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value as number);
    return page;
  }
}
