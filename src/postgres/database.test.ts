import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { CutProxy } from "../../test/support/cut_proxy.ts";
import { freePort, usePostgres } from "../../test/support/postgres.ts";
import { isTilthError } from "../core/index.ts";
import type { PostgresDatabase } from "./database.ts";
import type { OpenPostgresOptions } from "./driver.ts";
import { openPostgres, requireVersion } from "./open_postgres.ts";

const server = usePostgres();
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function open(options: OpenPostgresOptions = {}, url = server().url): Promise<PostgresDatabase> {
  const database = await openPostgres(url, options);
  opened.push(() => database.close());
  return database;
}

async function openProxy(): Promise<CutProxy> {
  const proxy = await CutProxy.start(Number(new URL(server().url).port));
  opened.push(() => proxy.close());
  return proxy;
}

/** Statements of ours that the server works on right now. */
async function running(text: string): Promise<number> {
  const like = text.replaceAll("'", "''");
  const [row] = await server().run(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%${like}%' AND pid <> pg_backend_pid()`,
  );
  return Number(row?.["n"]);
}

describe("openPostgres", () => {
  it("gives rows, with numbers and bytes as they are worked with here", async () => {
    const database = await open();
    const text = "SELECT $1::bigint AS n, $2::bytea AS bytes, count(*) FROM generate_series(1, 3)";
    expect(await database.query(text, [2 ** 52, Buffer.from([0, 255])])).toEqual([
      { n: 2 ** 52, bytes: Buffer.from([0, 255]), count: 3 },
    ]);
    expect(database.location).toMatch(/^127\.0\.0\.1:\d+\/tilth_test_\w+$/);
    await database.close();
    await database.close();
    await expect(database.query("SELECT 1")).rejects.toMatchObject({ code: "argument.invalid" });
  });

  it("lets what has begun end before it closes", async () => {
    const database = await open({ maxConnections: 2 });
    const asked = [database.query("SELECT 1 AS one"), database.query("SELECT pg_sleep(0.1), 1 AS one")];
    // Both have their place, but not yet a connection.
    await Promise.resolve();
    await Promise.all([database.close(), ...asked]);
    expect(await Promise.all(asked)).toEqual([[{ one: 1 }], [{ pg_sleep: "", one: 1 }]]);
  });

  it("refuses servers that are older than what it was made for", () => {
    requireVersion(140_005, "h:1/d");
    expect(() => requireVersion(130_018, "h:1/d")).toThrow(expect.objectContaining({ code: "postgres.unsupported" }));
  });

  it("tells what is wrong, and never shows a password, a user or the query of the URL", async () => {
    const own = new URL(server().url);
    const secret = "hunter2/§ecret";
    const encoded = encodeURIComponent(secret);
    const place = `${own.hostname}:${own.port}${own.pathname}`;
    const closedPort = await freePort();
    const cases: [string, string][] = [
      [`postgres://${own.username}:${encoded}@${place}`, "postgres.denied"],
      [`postgres://nobody_known:${encoded}@${place}`, "postgres.denied"],
      [`postgres://nobody_known:${encoded}@no-such-host.invalid/db`, "postgres.unreachable"],
      [`postgres://nobody_known:${encoded}@127.0.0.1:${closedPort}/db`, "postgres.unreachable"],
      [`${server().url.replace(own.pathname, "/no_such_database")}`, "postgres.failed"],
      [`postgres://nobody_known:${encoded}@${place}?sslmode=require`, "postgres.unreachable"],
      [`postgres://nobody_known:${encoded}@${place}?sslmode=verify-full&sslkey=/${encoded}`, "postgres.url"],
      [`postgres://nobody_known:${encoded}@${place}?password=${encoded}`, "postgres.url"],
      [`postgres://nobody_known:${encoded}@host:port/db`, "postgres.url"],
      [`postgres://nobody_known:100%@host/db`, "postgres.url"],
      [`postgres://nobody_known:${encoded}@host`, "postgres.url"],
      [`postgres://nobody_known:hunter2?x@host/db`, "postgres.url"],
    ];
    for (const [url, code] of cases) {
      const error: unknown = await openPostgres(url).then(
        () => null,
        (caught: unknown) => caught,
      );
      expect([url, isTilthError(error) && error.code]).toEqual([url, code]);
      const shown = [inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), String(error)].join("\n");
      for (const hidden of [secret, encoded, "hunter2", decodeURIComponent(own.password), own.password, "nobody_known"])
        expect(shown).not.toContain(hidden);
      expect((error as Error).cause).toBeUndefined();
    }
    const database = await open();
    expect(inspect(database, { depth: 10, showHidden: true })).not.toContain("s3cret");
  });

  it("says whether to try again: not where the server speaks no TLS", async () => {
    await expect(openPostgres(`${server().url}?sslmode=require`)).rejects.toMatchObject({
      fields: { retryable: false },
      message: expect.stringContaining("sslmode=disable") as string,
    });
  });

  it("keeps values of parameters and rows out of its errors", async () => {
    const database = await open();
    await database.query("CREATE TABLE IF NOT EXISTS held (name text PRIMARY KEY)");
    await database.query("INSERT INTO held VALUES ($1)", ["a private value"]);
    const failing = [
      database.query("INSERT INTO held VALUES ($1)", ["a private value"]),
      database.query("SELECT $1::int", ["a private value"]),
    ];
    for (const [i, each] of failing.entries()) {
      const error: unknown = await each.catch((caught: unknown) => caught);
      expect(inspect(error, { depth: 10 })).not.toContain("a private value");
      expect(error).toMatchObject({ code: "postgres.failed", fields: { sqlstate: ["23505", "22P02"][i] } });
    }
  });
});

describe("a query that is given up", () => {
  it("rejects at once, stops the server's statement and leaves no connection in use", async () => {
    const database = await open({ maxConnections: 1 });
    const controller = new AbortController();
    const slow = database.query("SELECT pg_sleep(60) /* given up */", [], { signal: controller.signal });
    await expect.poll(() => running("given up")).toBe(1);
    controller.abort();
    await expect(slow).rejects.toMatchObject({ code: "cancelled" });
    // The only connection is free again: else this would wait.
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await running("given up")).toBe(0);
  });

  it("leaves the line of those who wait for a connection", async () => {
    const database = await open({ maxConnections: 1 });
    const controller = new AbortController();
    const slow = database.query("SELECT pg_sleep(60) /* in line */", [], { signal: controller.signal });
    await expect(database.query("SELECT 1", [], { signal: AbortSignal.timeout(20) })).rejects.toBeDefined();
    controller.abort();
    await expect(slow).rejects.toMatchObject({ code: "cancelled" });
  });

  it("rolls a transaction back, whose locks are gone", async () => {
    const database = await open();
    await database.query("CREATE TABLE IF NOT EXISTS counted (n int); ");
    await database.query("DELETE FROM counted");
    await database.query("INSERT INTO counted VALUES (1)");
    const controller = new AbortController();
    const held = database.transaction(
      async (transaction) => {
        await transaction.query("UPDATE counted SET n = 2");
        await transaction.query("SELECT pg_sleep(60) /* held */");
      },
      { signal: controller.signal },
    );
    await expect.poll(() => running("held")).toBe(1);
    controller.abort();
    await expect(held).rejects.toMatchObject({ code: "cancelled" });
    expect(await database.query("UPDATE counted SET n = n + 10 RETURNING n")).toEqual([{ n: 11 }]);
  });
});

describe("a transaction", () => {
  it("is kept as a whole or not at all", async () => {
    const database = await open();
    await database.query("CREATE TABLE IF NOT EXISTS kept (n int)");
    await database.transaction(async (transaction) => void (await transaction.query("INSERT INTO kept VALUES (1)")));
    const failed = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO kept VALUES (2)");
      throw new Error("no");
    });
    await expect(failed).rejects.toThrow("no");
    const swallowed = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO kept VALUES (3)");
      await transaction.query("SELECT 1/0").catch(() => undefined);
    });
    await expect(swallowed).rejects.toMatchObject({ code: "postgres.failed" });
    expect(await database.query("SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  it("reads what is committed, whatever the database's own default is", async () => {
    const plain = await open();
    const [row] = await plain.query<{ name: string }>("SELECT current_database() AS name");
    await plain.query(`ALTER DATABASE ${row?.name} SET default_transaction_isolation TO 'repeatable read'`);
    const database = await open();
    const shown = "SELECT current_setting('transaction_isolation') AS level";
    expect(await database.query(shown)).toEqual([{ level: "repeatable read" }]);
    const level = await database.transaction((transaction) => transaction.query(shown));
    const streamed = await Array.fromAsync(database.stream(shown));
    expect([level, streamed]).toEqual([[{ level: "read committed" }], [{ level: "read committed" }]]);
  });

  it("says that it does not know when the connection breaks during its COMMIT", async () => {
    const proxy = await openProxy();
    const database = await open({}, proxy.urlOf(server().url));
    // Deferred: the COMMIT itself waits.
    await server().run(`CREATE TABLE IF NOT EXISTS slow_commit (n int);
      CREATE OR REPLACE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$;
      DROP TRIGGER IF EXISTS waits ON slow_commit;
      CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON slow_commit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_commit()`);
    const committing = database.transaction(
      async (transaction) => void (await transaction.query("INSERT INTO slow_commit VALUES (1)")),
    );
    const told = expect(committing).rejects.toMatchObject({
      code: "postgres.unreachable",
      fields: { outcome: "unknown" },
    });
    await expect.poll(() => running("COMMIT")).toBe(1);
    proxy.cut();
    await told;
  });

  it("calls a deadlock a conflict", async () => {
    const database = await open();
    await database.query("CREATE TABLE IF NOT EXISTS pair (id int PRIMARY KEY, n int)");
    await database.query("INSERT INTO pair VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING");
    let ready = 0;
    const bump = (first: number, second: number): Promise<void> =>
      database.transaction(async (transaction) => {
        await transaction.query("UPDATE pair SET n = n + 1 WHERE id = $1", [first]);
        ready += 1;
        await expect.poll(() => ready).toBe(2);
        await transaction.query("UPDATE pair SET n = n + 1 WHERE id = $1", [second]);
      });
    const results = await Promise.allSettled([bump(1, 2), bump(2, 1)]);
    const failed = results.filter((result) => result.status === "rejected");
    expect(failed.map(({ reason }: PromiseRejectedResult) => (reason as { code: string }).code)).toEqual([
      "postgres.conflict",
    ]);
  });
});

describe("rows that stream", () => {
  it("come in batches and let go of the connection when nobody wants more", async () => {
    const database = await open({ maxConnections: 1 });
    const rows = await Array.fromAsync(
      database.stream<{ n: number }>("SELECT n FROM generate_series(1, $1::int) n", [25], { batchRows: 10 }),
    );
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    for await (const _row of database.stream("SELECT generate_series(1, 100000000)", [], { batchRows: 10 })) break;
    const controller = new AbortController();
    const given = (async () => {
      const endless = database.stream("SELECT generate_series(1, 1000)", [], { signal: controller.signal });
      for await (const _row of endless) controller.abort();
    })();
    await expect(given).rejects.toMatchObject({ code: "cancelled" });
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });
});

describe("a listener", () => {
  it("hears, and listens again after its connection broke", async () => {
    const proxy = await openProxy();
    const database = await open({}, proxy.urlOf(server().url));
    const heard: string[] = [];
    let gaps = 0;
    const listening = await database.listen('odd "name"', (payload) => heard.push(payload), {
      onGap: () => (gaps += 1),
    });
    const notify = (text: string): Promise<unknown> => server().run(`NOTIFY "odd ""name""", '${text}'`);
    await notify("one");
    await expect.poll(() => heard).toEqual(["one"]);
    proxy.cut();
    await expect.poll(() => gaps).toBe(1);
    await notify("two");
    await expect.poll(() => heard).toEqual(["one", "two"]);
    await listening[Symbol.asyncDispose]();
    await notify("three");
    expect(heard).toEqual(["one", "two"]);
  });
});

describe("a connection that breaks", () => {
  it("is unreachable for the query under way, and another one for the next", async () => {
    const proxy = await openProxy();
    const database = await open({}, proxy.urlOf(server().url));
    const cut = database.query("SELECT pg_sleep(60) /* cut */");
    const told = expect(cut).rejects.toMatchObject({ code: "postgres.unreachable" });
    await expect.poll(() => running("cut")).toBe(1);
    proxy.cut();
    await told;
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    proxy.refuse();
    await expect(database.query("SELECT 1")).rejects.toMatchObject({ code: "postgres.unreachable" });
  });

  it("is given up when no answer comes", async () => {
    const proxy = await openProxy();
    const database = await open({ queryTimeoutMs: 300 }, proxy.urlOf(server().url));
    proxy.stall();
    await expect(database.query("SELECT 1")).rejects.toMatchObject({ code: "postgres.unreachable" });
    proxy.open();
    await expect.poll(() => database.query("SELECT 1 AS one").catch(() => null)).toEqual([{ one: 1 }]);
  });
});
