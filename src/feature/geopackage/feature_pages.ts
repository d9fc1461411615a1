import { TilthError } from "../../core/index.ts";
import { quoteName, type SqliteThread } from "../../geopackage/index.ts";
import type { TableSpec } from "../table_spec.ts";
import type { BoxSource } from "./box_bands.ts";
import type { RecordPiece } from "./encoded_records.ts";
import { workName } from "./feature_tables.ts";
import { packRtree } from "./packed_rtree.ts";
import { PageFile } from "./page_file.ts";
import { PagedRtreeTables, putRootNode } from "./rtree_tables.ts";
import { TablePages } from "./table_pages.ts";

/**
 * Rows of the tables of a new file, written as pages of SQLite's own format: a sixth of the time of inserting. Nobody else has the file open, and it has no journal; SQLite
 * must not be in a transaction.
 */
export class FeaturePages {
  readonly #db: SqliteThread;
  readonly #specs: readonly TableSpec[];
  readonly #file: PageFile;
  readonly #tables: readonly TablePages[];
  readonly #counts: number[];
  /** By layer: of those that get no more rows. */
  readonly #indexes = new Map<number, PagedRtreeTables>();
  readonly #ended = new Set<number>();
  #isOpen = true;

  constructor(db: SqliteThread, specs: readonly TableSpec[]) {
    this.#db = db;
    this.#specs = specs;
    this.#file = new PageFile(db.path);
    this.#tables = specs.map(() => new TablePages(this.#file));
    this.#counts = specs.map(() => 0);
  }

  add({ layers, ends, bytes }: RecordPiece): void {
    let from = 0;
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i] as number;
      if (this.#ended.has(layer)) throw this.#endedError(layer);
      const to = ends[i] as number;
      const row = (this.#counts[layer] as number) + 1;
      this.#counts[layer] = row;
      this.#tables[layer]?.add(row, bytes, from, to);
      from = to;
    }
  }

  /** Layers that get no more rows. @param boxesOf null when they are not known any more: then its index is left to `finish` */
  end(layers: readonly number[], boxesOf: (layer: number) => BoxSource | null, check: () => void): void {
    for (const layer of layers) {
      this.#ended.add(layer);
      const boxes = this.#counts[layer] === 0 ? null : boxesOf(layer);
      if (boxes !== null) this.#indexes.set(layer, packIndex(this.#file, boxes, check));
    }
  }

  /** What `end` made of a layer's boxes; its root pages are to be written yet. */
  index(layer: number): PagedRtreeTables | null {
    return this.#indexes.get(layer) ?? null;
  }

  /** The tables have their rows. */
  finish(): void {
    const roots = rootPages(this.#db);
    for (const [i, table] of this.#tables.entries()) table.finish(roots(workName(this.#specs[i] as TableSpec)));
    this.#file.flush();
    this.close();
    this.#db.transaction(() => {
      for (const [i, spec] of this.#specs.entries())
        this.#db.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [workName(spec), this.#counts[i] ?? 0]);
    });
  }

  close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }

  #endedError(layer: number): TilthError {
    const name = this.#specs[layer]?.name ?? "";
    const message = `expected nothing more for the layer '${name}', which has been ended, got a feature`;
    return new TilthError("argument.invalid", message, { fields: { layer: name } });
  }
}

/** An index that is empty, of a table of a new file. */
export interface NewIndex {
  readonly name: string;
  readonly layer: number;
  /** Its pages; null: they are to be made of its boxes. */
  readonly made: PagedRtreeTables | null;
}

const NO_BOXES: BoxSource = { count: 0, pieces: () => [] };

function packIndex(file: PageFile, boxes: BoxSource, check: () => void): PagedRtreeTables {
  const tables = new PagedRtreeTables(file);
  packRtree(tables, boxes, { pageBytes: file.pageBytes, check });
  return tables;
}

/** Fills indexes as pages. @param boxesOf a layer */
export function packRtreePages(
  db: SqliteThread,
  indexes: readonly NewIndex[],
  boxesOf: (layer: number) => BoxSource | null,
  check: () => void,
): void {
  const roots = rootPages(db);
  const filled: { readonly name: string; readonly tables: PagedRtreeTables }[] = [];
  const file = new PageFile(db.path);
  try {
    for (const { name, layer, made } of indexes) {
      const boxes = made === null ? boxesOf(layer) : null;
      const tables = made ?? packIndex(file, boxes ?? NO_BOXES, check);
      const own = { node: roots(`${name}_node`), rowid: roots(`${name}_rowid`), parent: roots(`${name}_parent`) };
      tables.finish(own, file);
      filled.push({ name, tables });
    }
    file.flush();
  } finally {
    file.close();
  }
  db.withShadowTables(() =>
    db.transaction(() => {
      for (const { name, tables } of filled) putRootNode(db, name, tables.rootNode);
    }),
  );
}

function rootPages(db: SqliteThread): (table: string) => number {
  return (table) => {
    const row = db.get("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", [table]);
    if (row === undefined) throw new Error(`expected a table ${quoteName(table)}`);
    return Number(row["rootpage"]);
  };
}
