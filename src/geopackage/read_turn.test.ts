import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { openSqliteHere } from "./read_turn.ts";

const folder = useTempFolder();

function writer(mode: "WAL" | "DELETE"): DatabaseSync {
  const db = new DatabaseSync(folder.path("a.db"));
  db.exec(
    `PRAGMA journal_mode = ${mode}; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1); PRAGMA busy_timeout = 0`,
  );
  return db;
}

const SQL = "SELECT count(*) AS n FROM t";

test("what is read in one turn is one state of the file, and the next turn sees the next", async () => {
  using other = writer("WAL");
  const here = openSqliteHere(folder.path("a.db"));
  const count = (): unknown => here.read((db) => db.get(SQL)?.["n"]);
  expect(count()).toBe(1);
  other.exec("INSERT INTO t VALUES (2)");
  expect(count()).toBe(1);
  await nextTurn();
  expect(count()).toBe(2);
  other.exec("INSERT INTO t VALUES (3)");
  here.end();
  expect(count()).toBe(3);
  here.close();
});

test("a writer waits for no longer than a turn", async () => {
  using other = writer("DELETE");
  const here = openSqliteHere(folder.path("a.db"));
  here.read((db) => db.get(SQL));
  const write = (): void => other.exec("INSERT INTO t VALUES (2)");
  expect(write).toThrow(/locked/);
  await nextTurn();
  expect(write).not.toThrow();
  here.close();
});

test("a file that is locked is told of, and can be read when it no longer is", async () => {
  using other = writer("DELETE");
  const here = openSqliteHere(folder.path("a.db"));
  const count = (): unknown => here.read((db) => db.get(SQL)?.["n"]);
  other.exec("BEGIN EXCLUSIVE; INSERT INTO t VALUES (2)");
  expect(count).toThrow(/locked/);
  expect(count).toThrow(/locked/);
  other.exec("COMMIT");
  expect(count()).toBe(2);
  here.close();
});
