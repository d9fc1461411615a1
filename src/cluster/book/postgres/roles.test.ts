import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { submitFake } from "../../../../test/support/cluster.ts";
import { FakeSource } from "../../../../test/support/fake_source.ts";
import { usePostgres } from "../../../../test/support/postgres.ts";
import { workOff } from "../../../../test/support/work_off.ts";
import { webMercatorQuad } from "../../../grid/index.ts";
import { openPostgres } from "../../../postgres/index.ts";
import { openStore } from "../../../store/index.ts";
import { openPostgresBudget } from "../../budget/index.ts";
import { openPostgresBook } from "./postgres_book.ts";

const server = usePostgres();

// Roles belong to the whole server, which may be one from outside.
afterAll(async () => {
  for (const role of ["tilth_worker", "tilth_reader"]) await server().run(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
});

/** The statements of a guide, as somebody would paste them. */
function guideSql(name: string): string {
  const guide = readFileSync(new URL(`../../../../docs/guide/${name}`, import.meta.url), "utf8");
  const [, sql] = /```sql\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(sql).toContain("GRANT");
  return sql as string;
}

it("the grants of the guides suffice for all that a worker does", async () => {
  const store = await openStore(`${server().url}?layer=world`, { mode: "write", grid: webMercatorQuad() });
  await store.close();
  const owner = await openPostgresBook(server().url);
  const database = await openPostgres(server().url);
  await openPostgresBudget(database);
  await database.close();
  const { id, planned } = await submitFake(owner, { cache: "world", zooms: [0, 1, 2, 3, 4] });
  await owner.close();
  await server().run(guideSql("postgres.md"));
  await server().run(guideSql("many-machines.md"));
  await server().run("ALTER ROLE tilth_worker LOGIN PASSWORD 'worker'");

  const book = await openPostgresBook(server().urlAs("tilth_worker", "worker"));
  await workOff(book, id, new FakeSource());
  expect((await book.getStatus(id)).counts).toMatchObject({ stored: planned, failed: 0 });
  await book.tidy();
  await submitFake(book, { cache: "world", zooms: [2] });
  await book.close();
  const asWorker = await openPostgres(server().urlAs("tilth_worker", "worker"));
  await openPostgresBudget(asWorker);
  await asWorker.close();
});

it("books that a newer program has made are refused in one line", async () => {
  await server().run("INSERT INTO tilth.migration VALUES ('cluster', 99, now())");
  await expect(openPostgresBook(server().url)).rejects.toMatchObject({
    code: "postgres.newerSchema",
    message: expect.stringContaining("upgrade this one"),
  });
  await server().run("DELETE FROM tilth.migration WHERE version = 99");
});
