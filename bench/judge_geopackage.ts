/**
 * Does an independent judge take our GeoPackages for valid? Needs GDAL (`apt-get install gdal-bin python3-gdal`):
 * `node bench/judge_geopackage.ts`. Looks at a finished file, at one that is being filled, and at one after a kill -9 (as it is,
 * and with the file and its folder made read-only), each with GDAL's validate_gpkg.py, and by reading every pixel with gdalinfo. Exits 1 on a failure.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { webMercatorQuad, worldCrs84Quad, type TileMatrixSet } from "../src/grid/index.ts";
import { openStore, type TileStore, type TileWrite } from "../src/store/index.ts";

const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
const folder = mkdtempSync(join(tmpdir(), "tilth-judge-"));
const colour = { r: 30, g: 120, b: 200 };
const image = sharp({ create: { width: 256, height: 256, channels: 3, background: colour } });
const images = {
  png: await image.clone().png().toBuffer(),
  jpeg: await image.clone().jpeg().toBuffer(),
  webp: await image.clone().webp().toBuffer(),
};
chmodSync(folder, 0o755);
let failures = 0;
let isReadOnly = false;

/** Permissions do not bind root: to be shown a read-only file, GDAL runs as nobody then. */
const AS_NOBODY = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

function run(command: string, args: string[]): { ok: boolean; output: string } {
  const [program = command, ...rest] = [...(isReadOnly ? AS_NOBODY : []), command, ...args];
  const done = spawnSync(program, rest, { encoding: "utf8" });
  return { ok: done.status === 0, output: `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}` };
}

function report(what: string, ok: boolean, detail: string): void {
  if (!ok) failures += 1;
  console.log(`${ok ? "ok  " : "FAIL"} ${what}${ok ? "" : `\n${detail}`}`);
}

function judge(name: string, path: string): void {
  const valid = run(PYTHON, ["-m", "osgeo_utils.samples.validate_gpkg", path]);
  report(`${name}: validate_gpkg.py`, valid.ok && !/error|traceback/i.test(valid.output), valid.output);
  const info = run("gdalinfo", ["-stats", "--config", "GDAL_PAM_ENABLED", "NO", path]);
  report(
    `${name}: gdalinfo reads the pixels`,
    info.ok && /STATISTICS_MEAN=/.test(info.output) && !/ERROR/.test(info.output),
    info.output,
  );
}

function batch(z: number, minX: number, minY: number, side: number, data: Uint8Array): TileWrite[] {
  return Array.from({ length: side * side }, (_, i) => ({
    kind: "tile" as const,
    tile: { z, x: minX + (i % side), y: minY + Math.floor(i / side) },
    data,
    fetchedAtMs: Date.now(),
    etag: '"a"',
  }));
}

async function fill(store: TileStore, data: Uint8Array): Promise<void> {
  await store.putMany(batch(0, 0, 0, 1, data));
  await store.putMany(batch(1, 0, 0, 1, data));
  await store.putMany([
    ...batch(4, 3, 5, 4, data),
    { kind: "empty", tile: { z: 4, x: 9, y: 9 }, fetchedAtMs: Date.now() },
  ]);
  await store.putTask({ id: "t", definition: "{}", report: null, updatedAtMs: Date.now() });
}

async function judgeFinished(grid: TileMatrixSet, format: keyof typeof images): Promise<void> {
  const name = `${grid.id} ${format}`;
  const path = join(folder, `${grid.id}_${format}.gpkg`);
  const store = await openStore(path, {
    mode: "write",
    grid,
    metadata: { title: name, sourceId: "judge", attribution: "(c) nobody" },
  });
  judgeTables(`${name}, no tile yet`, path);
  await fill(store, images[format]);
  judge(`${name}, being filled`, path);
  await store.close();
  judge(`${name}, finished`, path);
  const left = readdirSync(folder).filter((file) => file.startsWith(`${grid.id}_${format}`));
  report(`${name}, a single file is left`, left.length === 1, left.join());
}

function judgeTables(name: string, path: string): void {
  const valid = run(PYTHON, ["-m", "osgeo_utils.samples.validate_gpkg", path]);
  report(`${name}: validate_gpkg.py`, valid.ok && !/error|traceback/i.test(valid.output), valid.output);
}

function filesOf(path: string): string[] {
  return ["", "-wal", "-shm", "-journal", ".lock"].map((suffix) => path + suffix).filter((file) => existsSync(file));
}

async function judgeKilled(afterMs: number): Promise<void> {
  const path = join(folder, `killed_${afterMs}.gpkg`);
  const script = fileURLToPath(new URL("./support/write_png_until_killed.ts", import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  const name = `killed after ${afterMs} ms`;
  for (const file of filesOf(path)) chmodSync(file, 0o444);
  chmodSync(folder, 0o555);
  isReadOnly = true;
  judge(`${name}, file and folder read-only`, path);
  isReadOnly = false;
  chmodSync(folder, 0o755);
  for (const file of filesOf(path)) chmodSync(file, 0o644);
  const store = await openStore(path, { mode: "write" });
  const findings = await store.checkIntegrity();
  await store.close();
  report(`${name}, opened again: integrity`, findings.length === 0, findings.join("\n"));
  judge(`${name}, opened again and closed`, path);
}

for (const format of ["png", "jpeg", "webp"] as const) await judgeFinished(webMercatorQuad(), format);
await judgeFinished(worldCrs84Quad(), "png");
for (const afterMs of [5, 40, 150]) await judgeKilled(afterMs);
rmSync(folder, { recursive: true, force: true });
console.log(failures === 0 ? "GDAL finds nothing wrong" : `${failures} checks failed`);
process.exitCode = failures === 0 ? 0 : 1;
