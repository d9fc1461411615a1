import { quoteName, type SqliteThread } from "../../geopackage/index.ts";
import type { TableSpec } from "../table_spec.ts";
import type { EncodedRecords } from "./encode_records.ts";
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
  #isOpen = true;

  constructor(db: SqliteThread, specs: readonly TableSpec[]) {
    this.#db = db;
    this.#specs = specs;
    this.#file = new PageFile(db.path);
    this.#tables = specs.map(() => new TablePages(this.#file));
    this.#counts = specs.map(() => 0);
  }

  add({ layers, ends, bytes }: EncodedRecords): void {
    let from = 0;
    for (let i = 0; i < layers.length; i++) {
      const layer = layers[i] as number;
      const to = ends[i] as number;
      const row = (this.#counts[layer] as number) + 1;
      this.#counts[layer] = row;
      this.#tables[layer]?.add(row, bytes, from, to);
      from = to;
    }
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
}

/** Indexes that are empty, of tables of a new file, filled as pages. @param boxes of each, 32 bits, outwards */
export function packRtreePages(
  db: SqliteThread,
  indexes: readonly { readonly name: string; readonly boxes: Float32Array }[],
  check: () => void,
): void {
  const roots = rootPages(db);
  const filled: { readonly name: string; readonly tables: PagedRtreeTables }[] = [];
  const file = new PageFile(db.path);
  try {
    for (const { name, boxes } of indexes) {
      const tables = new PagedRtreeTables(file);
      packRtree(tables, file.pageBytes, boxes, check);
      tables.finish({ node: roots(`${name}_node`), rowid: roots(`${name}_rowid`), parent: roots(`${name}_parent`) });
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
