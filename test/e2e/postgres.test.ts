import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Loopback } from "../support/loopback.ts";
import { pngTile } from "../support/png_tile.ts";
import { usePostgres } from "../support/postgres.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { ServeProcess } from "../support/serve_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

const server = usePostgres();
const temp = useTempFolder();
let origin: Loopback;
beforeEach(async () => {
  origin = await Loopback.start();
});
afterEach(() => origin.close());

/** No command may show any of these. */
function expectNoSecret(run: TilthRun): TilthRun {
  const { username, password } = new URL(server().url);
  for (const hidden of [password, decodeURIComponent(password), `${username}:`, `${username}@`])
    expect(run.stdout + run.stderr).not.toContain(hidden);
  return run;
}

describe("a cache in PostgreSQL on the command line", () => {
  it("is seeded, described, proved, repaired, read as a source and cleaned, and never shows its password", async () => {
    origin.onAny({ headers: { "content-type": "image/png" }, body: await pngTile({ z: 0, x: 1, y: 0 }) });
    const out = `${server().url}?layer=osm`;
    const { host, pathname } = new URL(server().url);
    const shown = `postgres://${host}${pathname}?layer=osm`;
    const tilth = async (...args: string[]): Promise<TilthRun> => expectNoSecret(await runTilth(["--json", ...args]));

    const template = origin.url("/{z}/{x}/{y}.png");
    const seeded = await tilth("seed", template, "--bbox", "-10,-10,10,10", "--zoom", "0-3", "--out", out);
    expect([seeded.code, seeded.report]).toEqual([0, expect.objectContaining({ out: shown, complete: true })]);
    const info = await tilth("info", out);
    expect(info.report).toMatchObject({ file: shown, kind: "postgres", grid: "WebMercatorQuad" });
    const damage = "DELETE FROM tilth.content";
    expect((await tilth("verify", out)).code).toBe(0);
    await server().run(damage);
    expect((await tilth("verify", out)).code).not.toBe(0);
    const repaired = await tilth("repair", out);
    expect([repaired.code, repaired.report?.["file"]]).toEqual([0, shown]);
    expect((await tilth("verify", out)).code).toBe(0);

    const copy = await tilth("seed", out, "--bbox", "-10,-10,10,10", "--zoom", "0-3", "--out", temp.path("copy.gpkg"));
    expect(copy.code).toBe(0);
    expect((await tilth("info", temp.path("copy.gpkg"))).report?.["metadata"]).toMatchObject({ sourceId: shown });
    const planned = Number(seeded.report?.["planned"]);
    expect((await tilth("cleanup", out, "--older", "0s")).report).toEqual({ file: shown, removed: planned });
    expect((await tilth("cleanup", `${server().url}?layer=none`, "--older", "1d")).code).not.toBe(0);
  });

  it("is served, alone or filled from a source by tilth.yaml, which may not hold its password", async () => {
    const body = await pngTile({ z: 0, x: 2, y: 0 });
    origin.onAny({ headers: { "content-type": "image/png" }, body });
    const { username, password } = new URL(server().url);
    const bare = new URL(`${server().url}?layer=live`);
    bare.password = "";
    const source = origin.url("/{z}/{x}/{y}.png");
    const config = (file: string): string =>
      `version: 1\ncaches:\n  live:\n    source: '${source}'\n    file: '${file}'\n`;
    writeFileSync(temp.path("tilth.yaml"), config(bare.href));
    {
      const env = { PGPASSWORD: decodeURIComponent(password) };
      await using serve = await ServeProcess.start(["--config", temp.path("tilth.yaml")], env);
      const tile = await serve.fetch("/tiles/live/1/0/0");
      expect(Buffer.from(await tile.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
      const said = await Promise.all(
        ["/api/caches", "/api/sources", "/metrics"].map(async (path) => (await serve.fetch(path)).text()),
      );
      for (const hidden of [password, env.PGPASSWORD, username]) expect(said.join("\n")).not.toContain(hidden);
      expect(serve.output).not.toContain(password);
    }
    {
      await using serve = await ServeProcess.start([`${server().url}?layer=live`]);
      expect((await serve.fetch("/tiles/live/1/0/0")).status).toBe(200);
    }
    writeFileSync(temp.path("tilth.yaml"), config(`${server().url}?layer=live`));
    const refused = await runTilth(["serve", "--config", temp.path("tilth.yaml")]);
    expect([refused.code, refused.stderr.includes("PGPASSWORD")]).toEqual([2, true]);
    expectNoSecret(refused);
  });

  it("cannot be opened with a wrong password, which it does not repeat", async () => {
    const run = await runTilth(["info", server().urlAs("owner", "a wrong password")]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("refused");
    expect(run.stdout + run.stderr).not.toContain("a wrong password");
    expect(run.stdout + run.stderr).not.toContain(encodeURIComponent("a wrong password"));
  });
});
