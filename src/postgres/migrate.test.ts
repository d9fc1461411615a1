import { afterEach, describe, expect, it } from "vitest";
import { usePostgres } from "../../test/support/postgres.ts";
import { openPostgres, type PostgresDatabase } from "./database.ts";
import { migrate, readVersion, type Migration } from "./migrate.ts";

const server = usePostgres();
const opened: PostgresDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function open(url = server().url): Promise<PostgresDatabase> {
  const database = await openPostgres(url);
  opened.push(database);
  return database;
}

const migrations = (schema: string): Migration[] => [
  { version: 1, sql: `CREATE TABLE ${schema}.a (n int); CREATE TABLE ${schema}.b (n int)` },
  { version: 2, sql: `INSERT INTO ${schema}.a VALUES (1)` },
];

describe("migrate", () => {
  it("is done once, however many begin at the same time", async () => {
    const databases = await Promise.all([open(), open(), open(), open()]);
    const options = { schema: "once", component: "x", migrations: migrations("once") };
    await Promise.all(databases.map((database) => migrate(database, options)));
    const first = databases[0];
    expect(await first.query("SELECT n FROM once.a")).toEqual([{ n: 1 }]);
    expect(await first.query("SELECT component, version FROM once.migration ORDER BY version")).toEqual([
      { component: "x", version: 1 },
      { component: "x", version: 2 },
    ]);
    expect(await readVersion(first, { schema: "once", component: "other" })).toBe(0);
  });

  it("does all of a run or nothing", async () => {
    const database = await open();
    const broken = [...migrations("whole"), { version: 3, sql: "SELECT 1/0" }];
    await expect(migrate(database, { schema: "whole", component: "x", migrations: broken })).rejects.toMatchObject({
      code: "postgres.failed",
    });
    expect(await database.query("SELECT to_regnamespace('whole') AS there")).toEqual([{ there: null }]);
  });

  it("refuses tables that a newer program has made, and changes nothing", async () => {
    const database = await open();
    const all = migrations("newer");
    await migrate(database, { schema: "newer", component: "x", migrations: all });
    await expect(
      migrate(database, { schema: "newer", component: "x", migrations: all.slice(0, 1) }),
    ).rejects.toMatchObject({ code: "postgres.newerSchema", fields: { expected: 1, got: 2 } });
  });

  it("needs no right to create where nothing is to be done, and names the right that is missing where it is", async () => {
    const database = await open();
    const options = { schema: "rights", component: "x", migrations: migrations("rights") };
    await migrate(database, options);
    await server().run(`CREATE ROLE modest LOGIN PASSWORD 'modest'; GRANT USAGE ON SCHEMA rights TO modest;
      GRANT SELECT ON rights.migration TO modest`);
    const modest = await open(server().urlAs("modest", "modest"));
    await migrate(modest, options);
    const more = [...options.migrations, { version: 3, sql: "CREATE TABLE rights.c (n int)" }];
    await expect(migrate(modest, { ...options, migrations: more })).rejects.toMatchObject({
      code: "postgres.denied",
      fields: { grant: "GRANT CREATE ON SCHEMA rights TO the role" },
    });
    await expect(modest.query("INSERT INTO rights.a VALUES (1)")).rejects.toMatchObject({
      code: "postgres.denied",
      message: expect.stringContaining("GRANT INSERT ON TABLE") as string,
    });
  });
});
