import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTilthError } from "../core/index.ts";
import { openSqlite, type OpenSqliteOptions, type SqliteConnection } from "./sqlite_connection.ts";

let folder = "";
let path = "";
const opened: SqliteConnection[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tilth-sqlite-"));
  path = join(folder, "a.db");
});
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(options: Partial<OpenSqliteOptions> = {}): Promise<SqliteConnection> {
  const db = await openSqlite({ path, mode: "write", lock: true, ...options });
  opened.push(db);
  return db;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (isTilthError(error) ? error.code : String(error)),
  );
}

describe("SqliteConnection", () => {
  it("writes all of a transaction or nothing, and says why it did not", async () => {
    const db = await open();
    await db.startWriting();
    await db.exec("CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB)");
    const insert = "INSERT INTO t VALUES (?, ?)";
    await db.transaction([
      {
        sql: insert,
        rows: [
          [1, new Uint8Array([1, 2])],
          [2, null],
        ],
      },
    ]);
    await expect(
      db.transaction([
        { sql: insert, rows: [[3, null]] },
        { sql: insert, rows: [[1, null]] },
      ]),
    ).rejects.toMatchObject({
      code: "store.io",
      message: expect.stringContaining("UNIQUE constraint failed: t.a"),
    });
    expect(await db.all("SELECT * FROM t ORDER BY a")).toEqual([
      { a: 1, b: new Uint8Array([1, 2]) },
      { a: 2, b: null },
    ]);
  });

  it("gives rows page by page, and lets go of a walk that ends early", async () => {
    const db = await open();
    await db.exec("CREATE TABLE t (a INTEGER)");
    await db.transaction([{ sql: "INSERT INTO t VALUES (?)", rows: Array.from({ length: 10 }, (_, i) => [i]) }]);
    const sizes: number[] = [];
    for await (const page of db.pages("SELECT a FROM t", [], { pageRows: 4 })) sizes.push(page.length);
    expect(sizes).toEqual([4, 4, 2]);
    for await (const page of db.pages("SELECT a FROM t WHERE a > ?", [2], { pageRows: 4 })) {
      expect(page[0]).toEqual({ a: 3 });
      break;
    }
    // An open walk would hold the table.
    await db.exec("DROP TABLE t");
  });

  it("rejects an aborted caller at once, drops calls that wait, and goes on with the others", async () => {
    const db = await open();
    await db.exec("CREATE TABLE t (a)");
    const busy =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT max(i) m FROM n";
    const running = Array.from({ length: 4 }, () => db.all(busy));
    const controller = new AbortController();
    const waiting = db.transaction([{ sql: "INSERT INTO t VALUES (1)", rows: [[]] }], { signal: controller.signal });
    const after = db.all("SELECT count(*) n FROM t");
    const started = performance.now();
    controller.abort();
    expect(await codeOf(waiting)).toBe("cancelled");
    expect(performance.now() - started).toBeLessThan(100);
    expect(await after).toEqual([{ n: 0 }]);
    expect((await Promise.all(running)).length).toBe(4);
  });

  it("finishes what was asked for before it closes", async () => {
    const db = await open();
    await db.startWriting();
    await db.exec("CREATE TABLE t (a)");
    const writes = Array.from({ length: 30 }, (_, i) =>
      db.transaction([{ sql: "INSERT INTO t VALUES (?)", rows: [[i]] }]),
    );
    await db.close();
    await Promise.all(writes);
    expect(await codeOf(db.all("SELECT 1"))).toBe("argument.invalid");
    const again = await open({ mode: "read" });
    expect(await again.all("SELECT count(*) n FROM t")).toEqual([{ n: 30 }]);
    expect(readdirSync(folder)).toEqual(["a.db"]);
  });

  it("can be read by others while it is being written, and stays bounded in its journal", async () => {
    const db = await open();
    await db.startWriting();
    await db.exec("CREATE TABLE t (a BLOB)");
    const reader = await open({ mode: "read" });
    for (let i = 0; i < 12; i += 1) {
      await db.transaction([
        { sql: "INSERT INTO t VALUES (zeroblob(10000))", rows: Array.from({ length: 500 }, () => []) },
      ]);
      expect(await reader.all("SELECT count(*) n FROM t")).toEqual([{ n: (i + 1) * 500 }]);
      expect(readFileSync(`${path}-wal`).length).toBeLessThan(40e6);
    }
  });

  it("holds the right to write until it is closed", async () => {
    const first = await open();
    expect(existsSync(`${path}.lock`)).toBe(true);
    await expect(open()).rejects.toMatchObject({
      code: "store.locked",
      message: expect.stringContaining(`${path}.lock`),
    });
    const second = open({ lockTimeoutMs: 5_000 });
    await first.close();
    await (await second).close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("gives the lock to exactly one of many that wait", async () => {
    const first = await open();
    let writers = 0;
    const inTurn = Array.from({ length: 6 }, async () => {
      const db = await open({ lockTimeoutMs: 20_000 });
      writers += 1;
      expect(writers).toBe(1);
      await db.startWriting();
      writers -= 1;
      await db.close();
    });
    await first.close();
    await Promise.all(inTurn);
    expect(readdirSync(folder)).toEqual(["a.db"]);
  });

  it("changes nothing in a file before it is told to write", async () => {
    const foreign = Buffer.from("this is a letter, and no SQLite file at all".repeat(40));
    writeFileSync(path, foreign);
    expect(await codeOf(open())).toBe("store.format");
    expect(await codeOf(open({ mode: "read" }))).toBe("store.format");
    expect(readFileSync(path)).toEqual(foreign);
    expect(readdirSync(folder)).toEqual(["a.db"]);
  });

  it("tells a missing file, a missing folder, a folder and a damaged file apart", async () => {
    expect(await codeOf(open({ mode: "read" }))).toBe("store.missing");
    expect(await codeOf(open({ path: join(folder, "none", "a.db") }))).toBe("store.readOnly");
    mkdirSync(join(folder, "is_folder"));
    expect(await codeOf(open({ path: join(folder, "is_folder"), mode: "read" }))).toBe("store.format");
    const db = await open();
    await db.startWriting();
    await db.exec("CREATE TABLE t (a BLOB)");
    await db.transaction([
      { sql: "INSERT INTO t VALUES (zeroblob(9000))", rows: Array.from({ length: 50 }, () => []) },
    ]);
    await db.close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xa5, 16_384, 200_000));
    const damaged = await open({ mode: "read" });
    expect(await codeOf(damaged.all("SELECT count(*), sum(length(a)) FROM t"))).toBe("store.corrupt");
  });

  it("tells the caller of an argument that cannot cross to the thread, and goes on", async () => {
    const db = await open();
    const bad = (() => 1) as unknown as string;
    await expect(db.all("SELECT ?", [bad])).rejects.toThrow(/could not be cloned/);
    expect(await db.all("SELECT ? a", [1n])).toEqual([{ a: 1 }]);
  });

  it("tells a full disk and keeps what was committed", async () => {
    const db = await open();
    await db.startWriting();
    await db.exec("CREATE TABLE t (a BLOB); PRAGMA max_page_count = 10");
    const insert = { sql: "INSERT INTO t VALUES (zeroblob(16000))", rows: Array.from({ length: 4 }, () => []) };
    await db.transaction([insert]);
    expect(await codeOf(db.transaction([insert, insert]))).toBe("store.full");
    await db.exec("PRAGMA max_page_count = 1000");
    await db.transaction([insert, insert]);
    expect(await db.all("SELECT count(*) n FROM t")).toEqual([{ n: 12 }]);
  });

  it("lets the process end by itself, open or closed", () => {
    const door = new URL("./sqlite_connection.ts", import.meta.url).href;
    const script = `import { openSqlite } from ${JSON.stringify(door)};
      const db = await openSqlite({ path: ${JSON.stringify(path)}, mode: "write", lock: true });
      await db.startWriting(); await db.exec("CREATE TABLE t (a)"); console.log("done");`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 10_000,
    });
    expect([run.status, run.stdout, run.stderr]).toEqual([0, "done\n", ""]);
  });
});
