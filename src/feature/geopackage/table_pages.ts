import { Float64Column, Uint32Column } from "../../core/index.ts";
import type { PageFile } from "./page_file.ts";
import { putVarint, varintSize } from "./record_format.ts";

/** Kinds of pages (sqlite.org/fileformat2.html, clause 1.6). */
const INTERIOR = 0x05;
const LEAF = 0x0d;
const INTERIOR_HEAD_BYTES = 12;
const LEAF_HEAD_BYTES = 8;
/** Of a pointer to a cell; page number and key at the most of a cell of an interior page. */
const POINTER_BYTES = 2;
const MAX_INTERIOR_CELL_BYTES = 4 + 9;

/** Pages of one level, by ascending number of their last rows. */
interface Level {
  readonly pages: Uint32Array;
  readonly lastRows: Float64Array;
}

/** The rows of one table, put together into pages as they come: packed, where inserting would split pages and move rows. */
export class TablePages {
  #file: PageFile;
  readonly #page: Uint8Array;
  readonly #view: DataView;
  readonly #maxLocal: number;
  readonly #minLocal: number;
  readonly #pages = new Uint32Column(64);
  readonly #lastRows = new Float64Column(64);
  #cells = 0;
  #contentAt: number;
  #lastRow = 0;

  constructor(file: PageFile) {
    const { pageBytes } = file;
    this.#file = file;
    this.#page = new Uint8Array(pageBytes);
    this.#view = new DataView(this.#page.buffer);
    this.#contentAt = pageBytes;
    this.#maxLocal = pageBytes - 35;
    this.#minLocal = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  }

  /** @param row above all before; the record is that part of `bytes` */
  add(row: number, bytes: Uint8Array, from: number, to: number): void {
    const size = to - from;
    const local = this.#localSize(size);
    const overflow = local < size ? this.#addOverflow(bytes, from + local, to) : 0;
    const cellSize = varintSize(size) + varintSize(row) + local + (overflow === 0 ? 0 : 4);
    if (LEAF_HEAD_BYTES + POINTER_BYTES * (this.#cells + 1) + cellSize > this.#contentAt) this.#endLeaf();
    this.#contentAt -= cellSize;
    this.#view.setUint16(LEAF_HEAD_BYTES + POINTER_BYTES * this.#cells, this.#contentAt);
    const at = putVarint(this.#page, putVarint(this.#page, this.#contentAt, size), row);
    this.#page.set(bytes.subarray(from, from + local), at);
    if (overflow !== 0) this.#view.setUint32(at + local, overflow);
    this.#cells += 1;
    this.#lastRow = row;
  }

  /**
   * The table is whole.
   * @param root its root page, which was that of a table without rows
   * @param file the same one, where it was closed and opened again
   */
  finish(root: number, file = this.#file): void {
    this.#file = file;
    if (this.#pages.length === 0) {
      this.#closeLeaf();
      file.replace(root, this.#page);
      return;
    }
    if (this.#cells > 0) this.#endLeaf();
    let level: Level = { pages: this.#pages.take(), lastRows: this.#lastRows.take() };
    while (level.pages.length > this.#fanOut) level = this.#writeInterior(level);
    file.replace(root, this.#interiorPage(level, 0, level.pages.length));
  }

  /** Pages below one of an interior page, whatever their keys. */
  get #fanOut(): number {
    const room = this.#file.pageBytes - INTERIOR_HEAD_BYTES;
    return Math.floor(room / (POINTER_BYTES + MAX_INTERIOR_CELL_BYTES)) + 1;
  }

  #localSize(size: number): number {
    if (size <= this.#maxLocal) return size;
    const local = this.#minLocal + ((size - this.#minLocal) % (this.#file.pageBytes - 4));
    return local <= this.#maxLocal ? local : this.#minLocal;
  }

  /** @returns the first of the pages on which the rest of a record goes on */
  #addOverflow(bytes: Uint8Array, from: number, to: number): number {
    const first = this.#file.next;
    const room = this.#file.pageBytes - 4;
    for (let at = from; at < to; at += room) {
      const page = new Uint8Array(this.#file.pageBytes);
      page.set(bytes.subarray(at, Math.min(at + room, to)), 4);
      const isLast = at + room >= to;
      if (!isLast) new DataView(page.buffer).setUint32(0, this.#file.after);
      this.#file.append(page);
    }
    return first;
  }

  #endLeaf(): void {
    this.#closeLeaf();
    this.#pages.push(this.#file.append(this.#page));
    this.#lastRows.push(this.#lastRow);
    this.#page.fill(0);
    this.#cells = 0;
    this.#contentAt = this.#page.length;
  }

  #closeLeaf(): void {
    putHead(this.#view, LEAF, this.#cells, this.#contentAt);
  }

  /** Evenly filled, so that none is left with a single page below it. @returns the level above */
  #writeInterior(level: Level): Level {
    const count = level.pages.length;
    const groups = Math.ceil(count / this.#fanOut);
    const above = { pages: new Uint32Array(groups), lastRows: new Float64Array(groups) };
    for (let group = 0; group < groups; group++) {
      const [from, to] = [Math.floor((group * count) / groups), Math.floor(((group + 1) * count) / groups)];
      above.pages[group] = this.#file.append(this.#interiorPage(level, from, to));
      above.lastRows[group] = level.lastRows[to - 1] as number;
    }
    return above;
  }

  #interiorPage({ pages, lastRows }: Level, from: number, to: number): Uint8Array {
    const page = new Uint8Array(this.#file.pageBytes);
    const view = new DataView(page.buffer);
    let at = page.length;
    for (let i = from; i < to - 1; i++) {
      const key = lastRows[i] as number;
      at -= 4 + varintSize(key);
      view.setUint32(at, pages[i] as number);
      putVarint(page, at + 4, key);
      view.setUint16(INTERIOR_HEAD_BYTES + POINTER_BYTES * (i - from), at);
    }
    putHead(view, INTERIOR, to - 1 - from, at);
    view.setUint32(8, pages[to - 1] as number);
    return page;
  }
}

/** Kind, no free block, number of cells, where they begin, no fragments. */
function putHead(view: DataView, kind: number, cells: number, contentAt: number): void {
  view.setUint8(0, kind);
  view.setUint16(1, 0);
  view.setUint16(3, cells);
  view.setUint16(5, contentAt === 65_536 ? 0 : contentAt);
  view.setUint8(7, 0);
}
