import { closeSync, openSync, readSync, writeSync } from "node:fs";

/** Never used by SQLite: where it locks, from this byte on (sqlite.org/fileformat2.html, clause 1.4). */
const LOCK_BYTE = 0x4000_0000;
/** Pages that are written at once. */
const BUFFER_BYTES = 512 * 1024;
/** In the header of the file. */
const CHANGE_COUNTER_AT = 24;
const PAGE_COUNT_AT = 28;
const VERSION_VALID_FOR_AT = 92;

/**
 * Pages behind the end of an SQLite file that nobody else uses, and over its root pages; only between transactions. After `close` SQLite sees a file that
 * another process has changed.
 */
export class PageFile {
  readonly pageBytes: number;
  readonly #descriptor: number;
  readonly #lockPage: number;
  readonly #buffer: Uint8Array;
  /** Number of the buffer's first page. */
  #first: number;
  #buffered = 0;

  /** @throws errors of the file system */
  constructor(path: string) {
    this.#descriptor = openSync(path, "r+");
    const header = this.#readHeader();
    const pageBytes = header.getUint16(16);
    this.pageBytes = pageBytes === 1 ? 65_536 : pageBytes;
    this.#first = header.getUint32(PAGE_COUNT_AT) + 1;
    this.#lockPage = LOCK_BYTE / this.pageBytes + 1;
    this.#buffer = new Uint8Array(BUFFER_BYTES);
  }

  /** Number that the next page gets. */
  get next(): number {
    return this.#skipLock(this.#first + this.#buffered);
  }

  /** Number of the page behind the next one. */
  get after(): number {
    return this.#skipLock(this.next + 1);
  }

  /** @returns its number @throws errors of the file system */
  append(page: Uint8Array): number {
    if (this.#first + this.#buffered === this.#lockPage) this.#put(new Uint8Array(this.pageBytes));
    const number = this.#first + this.#buffered;
    this.#put(page);
    return number;
  }

  /** Over a page that is there. */
  replace(number: number, page: Uint8Array): void {
    this.#write(page, (number - 1) * this.pageBytes);
  }

  /** All is in the file, and its header says so. */
  flush(): void {
    this.#writeBuffer();
    const header = this.#readHeader();
    const counter = (header.getUint32(CHANGE_COUNTER_AT) + 1) >>> 0;
    header.setUint32(CHANGE_COUNTER_AT, counter);
    header.setUint32(VERSION_VALID_FOR_AT, counter);
    header.setUint32(PAGE_COUNT_AT, this.#first - 1);
    this.#write(new Uint8Array(header.buffer), 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #skipLock(number: number): number {
    return number === this.#lockPage ? number + 1 : number;
  }

  #put(page: Uint8Array): void {
    this.#buffer.set(page, this.#buffered * this.pageBytes);
    this.#buffered += 1;
    if ((this.#buffered + 1) * this.pageBytes > this.#buffer.length) this.#writeBuffer();
  }

  #writeBuffer(): void {
    this.#write(this.#buffer.subarray(0, this.#buffered * this.pageBytes), (this.#first - 1) * this.pageBytes);
    this.#first += this.#buffered;
    this.#buffered = 0;
  }

  #write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
  }

  #readHeader(): DataView {
    const header = new Uint8Array(100);
    readSync(this.#descriptor, header, 0, header.length, 0);
    return new DataView(header.buffer);
  }
}
