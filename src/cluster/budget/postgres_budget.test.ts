import { afterEach, describe, expect, it } from "vitest";
import { testBudgetBook, type OpenBook } from "../../../test/conformance/budget_book.ts";
import { usePostgres } from "../../../test/support/postgres.ts";
import { openPostgres, type PostgresDatabase } from "../../postgres/index.ts";
import type { BudgetAsk } from "./budget_book.ts";
import { openPostgresBudget } from "./postgres_budget.ts";

const server = usePostgres();
const opened: PostgresDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});

async function open(): Promise<PostgresDatabase> {
  const database = await openPostgres(server().url);
  opened.push(database);
  return database;
}

/** A clock of the database that stands still until a test moves it, found before the true one. */
const FAKE_CLOCK = `
  CREATE SCHEMA IF NOT EXISTS fake;
  CREATE TABLE IF NOT EXISTS fake.clock (at timestamptz);
  TRUNCATE fake.clock;
  INSERT INTO fake.clock VALUES ('2026-01-01T00:00:00Z');
  CREATE OR REPLACE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT at FROM fake.clock';
  DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path TO fake, pg_catalog, public', current_database()); END $$`;

async function advance(ms: number): Promise<void> {
  if (ms !== 0) await server().run(`UPDATE fake.clock SET at = at + interval '${ms} milliseconds'`);
}

async function openBook(): Promise<OpenBook> {
  await server().run(FAKE_CLOCK);
  const [book, other] = await Promise.all([open(), open()].map(async (one) => openPostgresBudget(await one)));
  await server().run("TRUNCATE tilth.budget_host, tilth.budget_member");
  if (book === undefined || other === undefined) throw new Error("expected two books");
  return { book, other, advance, close: () => Promise.resolve() };
}

testBudgetBook("PostgresBudget", openBook);

const policy = { ratePerSecond: 100, places: 2, openMs: 1000, maxOpenMs: 8000, maxProbes: 2 };
const quiet = { permits: 5, wants: 1, holds: 0, wantsProbe: false, pauseMs: 0, trips: null, probe: null };
const ask = (host: string, member: string, more: Partial<BudgetAsk> = {}): BudgetAsk => ({
  host,
  member,
  policy,
  ...quiet,
  ...more,
});

describe("PostgresBudget", () => {
  const count = async (table: string): Promise<number> => {
    const [row] = await server().run(`SELECT count(*)::int AS n FROM tilth.${table}`);
    return Number(row?.["n"]);
  };

  it("removes the rows of workers and hosts that are gone, but no pause that is still on", async () => {
    const { book } = await openBook();
    for (let i = 0; i < 20; i++) await book.ask(ask(`h${i}`, "a", { pauseMs: i === 7 ? 900_000 : 0 }));
    await advance(700_000);
    await (await openPostgresBudget(await open())).sweep();
    expect([await count("budget_host"), await count("budget_member")]).toEqual([1, 0]);
  });

  it("goes on when the database's clock was set back by a day", async () => {
    const { book } = await openBook();
    await book.ask(ask("h", "a", { pauseMs: 5000 }));
    await advance(-86_400_000);
    const { condition } = await book.ask(ask("h", "a"));
    expect(condition.pausedForMs).toBe(5000);
  });

  it("does not mind what others say on its channel", async () => {
    const { book, other } = await openBook();
    const heard: string[] = [];
    await using _watching = await other.watch(({ host }) => heard.push(host));
    await server().run(
      `SELECT pg_notify('tilth_budget', payload) FROM (VALUES (''), ('{'), ('null'), ('{"host":1}')) AS said (payload)`,
    );
    await book.ask(ask("h", "a", { pauseMs: 1000 }));
    await expect.poll(() => heard).toEqual(["h"]);
  });
});
