import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { Loopback } from "../support/loopback.ts";
import { usePostgres } from "../support/postgres.ts";
import { runTilth, type TilthRun } from "../support/run_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";
import { pngTile } from "../support/tile_bytes.ts";

const server = usePostgres();
const folder = useTempFolder();
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

let origin: Loopback;

afterEach(() => origin.close());

/** Answers every tile with an image that tells its address apart from its neighbours. */
async function startOrigin(): Promise<void> {
  origin = await Loopback.start();
  origin.onAny((response, request) => {
    const grey = Buffer.from(request.url ?? "").reduce((sum, byte) => (sum * 31 + byte) % 251, 7);
    response.writeHead(200, { "content-type": "image/png" }).end(pngTile(8, grey));
  });
}

function seedArgs(zoom = "0-5"): string[] {
  return ["seed", origin.url("/{z}/{x}/{y}.png"), "--bbox", "-180,-85,180,85", "--zoom", zoom];
}

const cluster = (): string[] => ["--cluster", `${server().url}?layer=world`, "--json"];

/** A worker in a process of its own. */
function startWorker(name: string): { child: ChildProcess; ended: Promise<number | null>; heard: () => string } {
  const child = spawn(process.execPath, [MAIN, "worker", "--cluster", server().url, "--name", name], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, heard: () => text };
}

async function untilOver(id: string): Promise<TilthRun> {
  return runTilth(["jobs", "show", id, "--watch", ...cluster(), "--quiet"]);
}

describe("a seed over two workers", () => {
  // A dozen processes, one after another and beside each other.
  test("is submitted once, worked, watched, verified, and comes home as the same tiles as a seed on one machine", async () => {
    await startOrigin();
    const args = [...seedArgs(), "--block-tiles", "100", ...cluster()];
    const submitted = await runTilth(args);
    expect(submitted).toMatchObject({ code: 0, report: { isNew: true, planned: 1365, cache: "world" } });
    expect((await runTilth(args)).report).toMatchObject({ isNew: false, id: submitted.report?.["id"] });
    const id = String(submitted.report?.["id"]);
    const workers = ["east", "west"].map(startWorker);
    try {
      const shown = await untilOver(id);
      expect(shown.report).toMatchObject({ id, state: "ended", stored: 1365, failed: 0, open: 0, complete: true });
      expect(shown.report).toMatchObject({ requests: 1365, retries: 0, cache: "world" });
      expect(shown.code).toBe(0);
    } finally {
      for (const { child } of workers) child.kill("SIGINT");
    }
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const { heard } of workers) expect(heard()).not.toContain("s3cret");
    expect(new Set(origin.paths()).size).toBe(1365);
    expect(origin.paths()).toHaveLength(1365);

    const home = folder.path("home.gpkg");
    const exported = await runTilth(["export", "--seed", id, "--out", home, ...cluster()]);
    expect(exported).toMatchObject({ code: 0, report: { planned: 1365, stored: 1365, complete: true } });
    expect((await runTilth(["verify", home, "--json"])).report).toMatchObject({ whole: true, tiles: 1365 });
    const alone = folder.path("alone.gpkg");
    expect((await runTilth([...seedArgs(), "--out", alone, "--json"])).report).toMatchObject({ stored: 1365 });
    expect(await listHashes(home)).toEqual(await listHashes(alone));
    const listed = await runTilth(["jobs", "list", ...cluster()]);
    expect(listed.report).toMatchObject({
      seeds: [{ id, state: "ended", workers: [{ worker: "east" }, { worker: "west" }] }],
    });
  }, 120_000);

  test("a file comes into the database with its tasks", async () => {
    await startOrigin();
    const file = folder.path("file.gpkg");
    await runTilth([...seedArgs("0-3"), "--out", file, "--json"]);
    const url = `${server().url}?layer=imported`;
    const imported = await runTilth(["import", file, "--cluster", url, "--json"]);
    expect(imported).toMatchObject({ code: 0, report: { stored: 85, complete: true } });
    expect((await runTilth(["verify", url, "--json"])).report).toMatchObject({ whole: true, tiles: 85, missing: 0 });
  });
});

test("a seed is paused, resumed, cancelled and submitted again; an unknown one is refused", async () => {
  await startOrigin();
  const own = ["--cluster", `${server().url}?layer=steered`, "--json"];
  const submitted = await runTilth([...seedArgs("0-2"), ...own]);
  const id = String(submitted.report?.["id"]);
  const steer = async (...args: string[]): Promise<unknown> => (await runTilth(["jobs", ...args, ...own])).report;
  expect(await steer("pause", id)).toMatchObject({ id, state: "paused", planned: 21, open: 21 });
  expect(await steer("resume", id)).toMatchObject({ state: "running" });
  expect(await steer("cancel", id)).toMatchObject({ state: "cancelled", cancelled: 21, open: 0, complete: false });
  const refused = await runTilth(["jobs", "resume", id, ...own]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("is cancelled");
  expect((await runTilth([...seedArgs("0-2"), ...own])).report).toMatchObject({ id, isNew: true });
  expect(await steer("retry", id)).toEqual({ id, blocks: 0 });
  const unknown = await runTilth(["jobs", "show", "nobody", ...own]);
  expect(unknown.stderr).toContain("jobs list");
}, 120_000);

async function listHashes(path: string): Promise<string[]> {
  const store = await openStore(path, { mode: "read" });
  const hashes: string[] = [];
  for await (const { tile, sha256 } of store.list({ withData: false }))
    hashes.push(`${tile.z}/${tile.x}/${tile.y} ${sha256}`);
  await store.close();
  return hashes.toSorted();
}

test.each([
  [["--out", "x.gpkg"], "--out"],
  [["--failed", "x.jsonl"], "--failed"],
  [["--header", "authorization=Bearer abc"], "written out"],
])("seed --cluster refuses %j", async (extra, part) => {
  await startOrigin();
  const run = await runTilth([...seedArgs("0"), ...cluster(), ...extra]);
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain(part);
  expect(run.stderr).not.toContain("s3cret");
});
