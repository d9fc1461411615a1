import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface MapproxyServer {
  /** `/{z}/{x}/{y}.png` follows, rows from the top. */
  readonly tiles: string;
  readonly child: ChildProcess;
}

/** Time for two workers to import MapProxy, ms. */
const START_MS = 30_000;

/**
 * MapProxy under gunicorn with two sync workers over a copy of a GeoPackage in Web Mercator, table `tiles`; null where one of the two is not installed.
 * @param folder for the copy and the configuration
 */
export async function startMapproxy(file: string, folder: string): Promise<MapproxyServer | null> {
  if (["mapproxy-util", "gunicorn"].some((name) => spawnSync(name, ["--version"]).error !== undefined)) return null;
  mkdirSync(folder);
  copyFileSync(file, join(folder, "world.gpkg"));
  writeFileSync(join(folder, "mapproxy.yaml"), CONFIG);
  const application = `from mapproxy.wsgiapp import make_wsgi_app\napplication = make_wsgi_app(${JSON.stringify(join(folder, "mapproxy.yaml"))})\n`;
  writeFileSync(join(folder, "tiles_app.py"), application);
  const port = await freePort();
  const args = ["-w", "2", "-k", "sync", "-b", `127.0.0.1:${port}`, "--log-level", "warning", "tiles_app"];
  const child = spawn("gunicorn", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const tiles = `http://127.0.0.1:${port}/tiles/world/nw`;
  await untilAnswers(`${tiles}/0/0/0.png`, child);
  return { tiles, child };
}

/**
 * Rows of a GeoPackage count from the top, and MapProxy keeps rows as its grid counts them: a grid from the upper left. (With GLOBAL_MERCATOR, from the
 * lower left, it would serve the mirror image.) The tiles go out as they are: one format, no source. Its
 * service for tiles is a little faster than its WMTS.
 */
const CONFIG = `
services:
  tms: { use_grid_names: true, origin: nw }
grids:
  nw: { srs: "EPSG:3857", origin: nw, num_levels: 7, bbox: [-20037508.342789244, -20037508.342789244, 20037508.342789244, 20037508.342789244] }
layers:
  - { name: world, title: world, sources: [world] }
caches:
  world:
    grids: [nw]
    sources: []
    format: image/png
    cache: { type: geopackage, filename: ./world.gpkg, table_name: tiles }
globals: { cache: { base_dir: . } }
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** @throws Error when it has ended or does not answer in time */
async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  for (const start = performance.now(); performance.now() - start < START_MS; await delay(200)) {
    if (child.exitCode !== null) throw new Error(`gunicorn ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null) return;
  }
  throw new Error(`MapProxy did not answer at ${url}`);
}
