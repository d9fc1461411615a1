import { writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { z } from "zod";
import { jobShape } from "../../src/server/api/job_shapes.ts";
import { openStore } from "../../src/store/index.ts";
import { hashToUnit, noiseTiles, startOrigin, type Origin, type TileProvider } from "../origin/index.ts";
import { ServeProcess } from "../support/serve_tilth.ts";
import { useTempFolder } from "../support/temp_folder.ts";

type Job = z.infer<typeof jobShape>;
type Report = NonNullable<Job["report"]>;

const WORLD = { source: "noise", bbox: [-180, -85.06, 180, 85.06], zooms: "0-5", store: "world.gpkg" };
/** 1 + 4 + ... + 1024 tiles. */
const TILES = 1365;
/** Writes to a transaction of a seed. */
const BATCH = 500;

const folder = useTempFolder();
const noise = await noiseTiles();

/** One tile in ten is not there. */
const isHole = (path: string): boolean => hashToUnit(7, path) < 0.1;
const pathOf = (z: number, x: number, y: number): string => `/tiles/${z}/${x}/${y}.png`;
const withHoles: TileProvider = (z, x, y, scale) => (isHole(pathOf(z, x, y)) ? null : noise(z, x, y, scale));
const HOLES = [0, 1, 2, 3, 4, 5]
  .flatMap((z) => Array.from({ length: 4 ** z }, (_, index) => pathOf(z, index % 2 ** z, Math.floor(index / 2 ** z))))
  .filter(isHole).length;

function serve(origin: Origin, ...more: string[]): Promise<ServeProcess> {
  const config = folder.path("tilth.yaml");
  writeFileSync(config, `version: 1\nsources:\n  noise:\n    source: ${origin.template}\n    maxZoom: 12\n`);
  return ServeProcess.start(["--data", folder.path("data"), "--config", config, ...more]);
}

const readJob = async (server: ServeProcess, id: string): Promise<Job> =>
  jobShape.parse(await server.json(`/api/jobs/${id}`));

async function untilJob(server: ServeProcess, id: string, isThere: (job: Job) => boolean): Promise<Job> {
  const read = async (): Promise<Job> => {
    const job = await readJob(server, id);
    expect([job.state, isThere(job)]).toEqual([job.state, true]);
    return job;
  };
  return vi.waitFor(read, { timeout: 40_000, interval: 20 });
}

/** Starts a job and kills its server when about a third of it is committed. @returns its id and what it told last */
async function killedMidJob(origin: Origin): Promise<{ id: string; told: number }> {
  const server = await serve(origin);
  const { id } = jobShape.parse(await server.post("/api/jobs", WORLD));
  const settled = ({ progress }: Job): number => (progress?.stored ?? 0) + (progress?.empty ?? 0);
  const job = await untilJob(server, id, (one) => settled(one) > TILES / 4);
  expect(settled(job)).toBeLessThan(TILES);
  await server.kill();
  return { id, told: settled(job) };
}

/** Every tile of the origin is in the file with its bytes, and every hole is known as one. */
async function expectWhole(path: string): Promise<void> {
  const store = await openStore(path, { mode: "read" });
  let count = 0;
  for await (const { tile, data } of store.list()) {
    const made = await withHoles(tile.z, tile.x, tile.y, 1);
    expect(Buffer.compare(data ?? Buffer.alloc(0), made?.data ?? Buffer.alloc(0)), JSON.stringify(tile)).toBe(0);
    count += 1;
  }
  expect(count).toBe(TILES);
  expect(await store.checkIntegrity()).toEqual([]);
  await store.close();
}

/** The ledger of the job, and what was fetched for it after the kill. @param before requests until then @param told settled tiles that it told of */
function expectRight(report: Report | null, origin: Origin, before: ReadonlyMap<string, number>, told: number): void {
  expect(report).toMatchObject({ planned: TILES, empty: HOLES, failed: 0, cancelled: 0, complete: true });
  const { present = 0, stored = 0 } = report ?? {};
  expect(present + stored + HOLES).toBe(TILES);
  const ofJob = [...origin.requests.byPath].filter(([path]) => !path.startsWith("/tiles/6/"));
  const again = ofJob.filter(([path, count]) => count > (before.get(path) ?? 0));
  // What was told of is committed, and what is committed is not asked for again.
  expect(TILES - again.length).toBeGreaterThanOrEqual(told);
  expect(again.filter(([path]) => !isHole(path))).toHaveLength(stored);
  expect(again.filter(([path]) => before.has(path)).length).toBeLessThanOrEqual(BATCH);
  expect(Math.max(...origin.requests.byPath.values())).toBeLessThanOrEqual(2);
}

test("a server that is killed mid-job goes on with it: nothing is lost, and at most one batch is fetched twice", async () => {
  const origin = await startOrigin({ tiles: withHoles, latencyMs: 20 });
  try {
    const { id, told } = await killedMidJob(origin);
    const before = new Map(origin.requests.byPath);
    await using server = await serve(origin);
    const { report } = await untilJob(server, id, ({ state }) => state === "done");
    expectRight(report, origin, before, told);
    await expectWhole(folder.path("data/world.gpkg"));
  } finally {
    await origin.close();
  }
}, 90_000);

test("with --on-restart pause it waits until it is resumed", async () => {
  const origin = await startOrigin({ tiles: withHoles, latencyMs: 20 });
  try {
    const { id, told } = await killedMidJob(origin);
    const before = new Map(origin.requests.byPath);
    await using server = await serve(origin, "--on-restart", "pause");
    expect(await readJob(server, id)).toMatchObject({ state: "paused", actions: ["resume", "cancel"] });
    // A job that comes later is done meanwhile: there is room, and this one does not take it.
    const later = { ...WORLD, bbox: [0, 0, 1, 1], zooms: "6", store: "later.gpkg" };
    const { id: next } = jobShape.parse(await server.post("/api/jobs", later));
    await untilJob(server, next, ({ state }) => state === "done");
    expect((await readJob(server, id)).state).toBe("paused");
    const asked = [...origin.requests.byPath].filter(([path]) => !path.startsWith("/tiles/6/"));
    expect(new Map(asked)).toEqual(before);
    await server.post(`/api/jobs/${id}/resume`);
    const { report } = await untilJob(server, id, ({ state }) => state === "done");
    expectRight(report, origin, before, told);
    await expectWhole(folder.path("data/world.gpkg"));
  } finally {
    await origin.close();
  }
}, 90_000);
