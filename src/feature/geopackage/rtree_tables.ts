import { quoteName, type SqliteThread } from "../../geopackage/index.ts";
import type { PageFile } from "./page_file.ts";
import type { RtreeTables } from "./packed_rtree.ts";
import { blobSerial, contentSize, integerSerial, putNumber, putVarint, SERIAL } from "./record_format.ts";
import { TablePages } from "./table_pages.ts";

/** Rows by SQL; within `db.withShadowTables`. */
export function sqlRtreeTables(db: SqliteThread, name: string): RtreeTables {
  const nodes = db.prepare(putNode(name));
  const rows = db.prepare(`INSERT INTO ${quoteName(`${name}_rowid`)} VALUES (?, ?)`);
  const parents = db.prepare(`INSERT INTO ${quoteName(`${name}_parent`)} VALUES (?, ?)`);
  return {
    node: (number, bytes) => void nodes.run(number, bytes),
    row: (id, node) => void rows.run(id, node),
    parent: (node, parent) => void parents.run(node, parent),
  };
}

function putNode(name: string): string {
  return `INSERT OR REPLACE INTO ${quoteName(`${name}_node`)} VALUES (?, ?)`;
}

/** Root pages of the tables behind an R-tree that is empty. */
export interface RtreeRoots {
  readonly node: number;
  readonly rowid: number;
  readonly parent: number;
}

/** Rows as pages. The root node is left to SQL: its number is the first, and it is made last. */
export class PagedRtreeTables implements RtreeTables {
  rootNode: Uint8Array = new Uint8Array();
  readonly #nodes: TablePages;
  readonly #rows: TablePages;
  readonly #parents: TablePages;
  readonly #record = new Uint8Array(8 * 1024);
  readonly #view = new DataView(this.#record.buffer);

  constructor(file: PageFile) {
    [this.#nodes, this.#rows, this.#parents] = [new TablePages(file), new TablePages(file), new TablePages(file)];
  }

  node(number: number, bytes: Uint8Array): void {
    if (number === 1) {
      this.rootNode = bytes.slice();
      return;
    }
    // As `putPair`, of a blob: its size takes two bytes.
    this.#record[1] = SERIAL.null;
    const at = putVarint(this.#record, 2, blobSerial(bytes.length));
    this.#record[0] = at;
    this.#record.set(bytes, at);
    this.#nodes.add(number, this.#record, 0, at + bytes.length);
  }

  row(id: number, node: number): void {
    this.#rows.add(id, this.#record, 0, this.#putPair(node));
  }

  parent(node: number, parent: number): void {
    this.#parents.add(node, this.#record, 0, this.#putPair(parent));
  }

  /** @param file as `TablePages.finish` */
  finish(roots: RtreeRoots, file: PageFile): void {
    this.#nodes.finish(roots.node, file);
    this.#rows.finish(roots.rowid, file);
    this.#parents.finish(roots.parent, file);
  }

  /** A row of its own number, which is kept beside it, and another. @returns bytes of the record */
  #putPair(value: number): number {
    const serial = integerSerial(value);
    this.#record[0] = 3;
    this.#record[1] = SERIAL.null;
    this.#record[2] = serial;
    return contentSize(serial) === 0 ? 3 : putNumber(this.#view, 3, serial, value);
  }
}

/** What `PagedRtreeTables` leaves; within `db.withShadowTables`. */
export function putRootNode(db: SqliteThread, name: string, bytes: Uint8Array): void {
  db.run(putNode(name), [1, bytes]);
}
