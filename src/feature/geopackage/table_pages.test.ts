import { truncateSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { PageFile } from "./page_file.ts";
import { blobSerial, contentSize, integerSerial, putNumber, putVarint } from "./record_format.ts";
import { TablePages } from "./table_pages.ts";

const temp = useTempFolder();
const path = (): string => temp.path("a.sqlite");

function makeFile(): number {
  using db = new DatabaseSync(path());
  db.exec("PRAGMA page_size = 4096; CREATE TABLE t (id INTEGER PRIMARY KEY, value)");
  return Number(db.prepare("SELECT rootpage FROM sqlite_master").get()?.["rootpage"]);
}

/** A record of the row's number, kept beside it, and a value. */
function record(serial: number, put: (bytes: Uint8Array, at: number) => void): Uint8Array {
  const bytes = new Uint8Array(16 + contentSize(serial));
  const at = putVarint(bytes, 2, serial);
  bytes[0] = at;
  put(bytes, at);
  return bytes.subarray(0, at + contentSize(serial));
}

const blob = (size: number): Uint8Array =>
  record(blobSerial(size), (bytes, at) => bytes.fill(size % 251, at, at + size));

const integer = (value: number): Uint8Array => {
  const serial = integerSerial(value);
  return record(serial, (bytes, at) => putNumber(new DataView(bytes.buffer), at, serial, value));
};

function write(root: number, rows: Iterable<readonly [id: number, bytes: Uint8Array]>): void {
  const file = new PageFile(path());
  const table = new TablePages(file);
  for (const [id, bytes] of rows) table.add(id, bytes, 0, bytes.length);
  table.finish(root);
  file.flush();
  file.close();
}

function query(sql: string): unknown[] {
  using db = new DatabaseSync(path());
  return db
    .prepare(sql)
    .all()
    .map((row) => ({ ...row }));
}

describe("a table that is written as pages", () => {
  it.each([0, 1, 5, 30, 4000])("of %i rows is whole for SQLite, and takes more", (count) => {
    const root = makeFile();
    write(
      root,
      Array.from({ length: count }, (_, i) => [i + 1, blob(700 + (i % 300))] as const),
    );
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    expect(query("SELECT count(*) n, count(DISTINCT id) ids FROM t")).toEqual([{ n: count, ids: count }]);
    query("INSERT INTO t (value) VALUES (x'00') RETURNING id");
    expect(query("SELECT max(id) id FROM t")).toEqual([{ id: count + 1 }]);
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("keeps records of any length, and goes on with long ones elsewhere", () => {
    const around = [0, 1, 127, 480, 4050, 4092, 4096, 8170, 12_270, 70_000, 1_000_000];
    const sizes = around.flatMap((size) => Array.from({ length: 24 }, (_, i) => size + i));
    write(
      makeFile(),
      sizes.map((size, i) => [3 * i + 200, blob(size)] as const),
    );
    expect(query("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
    const hex = (size: number): string => (size % 251).toString(16).toUpperCase().padStart(2, "0");
    expect(query("SELECT id, length(value) n, hex(substr(value, 1, 1)) a, hex(substr(value, -1)) z FROM t")).toEqual(
      sizes.map((size, i) => ({
        id: 3 * i + 200,
        n: size,
        a: size === 0 ? "" : hex(size),
        z: size === 0 ? "" : hex(size),
      })),
    );
  });

  it("keeps whole numbers of up to 53 bits", () => {
    const edges = [0, 1, 2, ...[7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 53].flatMap((n) => [2 ** n - 1, 2 ** n])];
    const values = edges.flatMap((value) => [value, -value]).filter(Number.isSafeInteger);
    write(
      makeFile(),
      values.map((value, i) => [i + 1, integer(value)] as const),
    );
    expect(query("SELECT value, typeof(value) type FROM t ORDER BY id")).toEqual(
      values.map((value) => ({ value: value + 0, type: "integer" })),
    );
  });

  it("leaves out the page on which SQLite locks", () => {
    makeFile();
    const lockPage = 2 ** 30 / 4096 + 1;
    truncateSync(path(), (lockPage - 2) * 4096);
    setPageCount(lockPage - 2);
    const file = new PageFile(path());
    const numbers = [file.next, file.after, ...[1, 2, 3].map(() => file.append(new Uint8Array(4096)))];
    file.close();
    expect(numbers).toEqual([lockPage - 1, lockPage + 1, lockPage - 1, lockPage + 1, lockPage + 2]);
  });
});

/** In the header of the file. */
function setPageCount(count: number): void {
  const page = new Uint8Array(4096);
  page.set([0x10, 0], 16);
  new DataView(page.buffer).setUint32(28, count);
  const file = new PageFile(path());
  file.replace(1, page);
  file.close();
}
