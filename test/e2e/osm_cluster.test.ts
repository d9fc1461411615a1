import { afterEach, expect, test } from "vitest";
import { acquirePlace, ClusterHosts, openPostgresBudget } from "../../src/cluster/index.ts";
import { systemClock } from "../../src/core/index.ts";
import { openPostgres } from "../../src/postgres/index.ts";
import { FakeOverpass } from "../support/fake_overpass.ts";
import { gridWorldBox, makeGridWorld } from "../support/grid_world.ts";
import { usePostgres } from "../support/postgres.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const server = usePostgres();
const folder = useTempFolder();
const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

function osm(service: FakeOverpass, cluster: string): Promise<TilthRun> {
  const area = ["--bbox", gridWorldBox(3).join(","), "--out", folder.path("out.gpkg")];
  const asked = ["--overpass", service.endpoint, "--cache", folder.path("cache"), "--cluster", cluster];
  return runTilth(["osm", ...area, ...asked, "--json"]);
}

test("tilth osm --cluster asks a service only while no other machine does", async () => {
  const service = await FakeOverpass.start({ world: makeGridWorld(3), clock: systemClock });
  opened.push(() => service.close());
  const database = await openPostgres(server().url);
  opened.push(() => database.close());
  const hosts = await ClusterHosts.open({ book: await openPostgresBudget(database) });
  opened.push(() => hosts.close());
  // The last two labels of 127.0.0.1, and the port.
  const operator = new URL(service.endpoint).host.split(".").slice(-2).join(".");
  const release = await acquirePlace(hosts.shareHost(`operator:${operator}`, { concurrency: 1 }));
  const run = osm(service, server().url);
  const waiting = "SELECT FROM tilth.budget_member WHERE wants = 1 AND holds = 0 AND waiting_since_ms IS NOT NULL";
  await expect
    .poll(
      () =>
        server()
          .run(waiting)
          .then((rows) => rows.length),
      { timeout: 20_000 },
    )
    .toBe(1);
  expect(service.log).toEqual([]);
  release();
  expect(await run).toMatchObject({ code: 0 });
  expect(service.queries().length).toBeGreaterThan(0);
  // Nothing is held any more but by this test.
  expect(await server().run("SELECT FROM tilth.budget_member WHERE holds > 0")).toEqual([]);
});

test("an address that is none is refused without being shown", async () => {
  const service = await FakeOverpass.start({ world: makeGridWorld(3), clock: systemClock });
  opened.push(() => service.close());
  const run = await osm(service, "mysql://someone:hunter2@host/db");
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining("--cluster postgres://")]);
  expect(run.stderr).not.toContain("hunter2");
});
