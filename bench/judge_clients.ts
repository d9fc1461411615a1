// Do GDAL and QGIS draw what is in the file? A window is read through each of their ways to the server and compared, pixel by pixel, with the same
// window that GDAL reads from the GeoPackage itself.
// apt-get install gdal-bin; apt-get install --no-install-recommends python3-qgis (left out where it is not installed)
// node bench/judge_clients.ts
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import sharp from "sharp";
import { getGrid, openStore } from "../src/index.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { gdalWays, readGdal, type Judged } from "./support/gdal_client.ts";
import { findQgis, qgisWays, readQgis } from "./support/qgis_client.ts";
import { drawAddressTile } from "./support/address_tiles.ts";

/** Web Mercator; metres east and north; degrees, and metres, whose authority puts north first. */
const GRIDS = {
  world: "WebMercatorQuad",
  lv95: "EPSG:2056",
  degrees: "WGS1984Quad",
  europe: "EuropeanETRS89_LAEAQuad",
};
const MAX_ZOOM = 3;
const qgis = findQgis();

/** Every tile of the levels 0 to 3, no two alike. */
async function writeArchive(path: string, gridName: string): Promise<void> {
  const grid = getGrid(gridName);
  const store = await openStore(path, { mode: "write", grid });
  for (let z = 0; z <= MAX_ZOOM; z++) {
    const { matrixWidth, matrixHeight } = grid.getMatrix(z);
    const writes = Array.from({ length: matrixWidth * matrixHeight }, async (_, index) => {
      const tile = { z, x: index % matrixWidth, y: Math.floor(index / matrixWidth) };
      return { kind: "tile" as const, tile, data: await drawAddressTile(tile), fetchedAtMs: Date.now() };
    });
    await store.putMany(await Promise.all(writes));
  }
  await store.close();
}

/** A window that lies in no way symmetrically, so that a flip or a swap shows. */
function windowOf(gridName: string): Judged["window"] {
  const { crs, matrices } = getGrid(gridName);
  const { cellSize, pointOfOrigin } = matrices[MAX_ZOOM] as (typeof matrices)[number];
  const [width, height] = [800, 600];
  const [minX, maxY] = [pointOfOrigin[0] + 330 * cellSize, pointOfOrigin[1] - 210 * cellSize];
  return { crs: crs.code, box: [minX, maxY - height * cellSize, minX + width * cellSize, maxY], width, height };
}

async function serve(files: readonly string[]) {
  const child = spawn(process.execPath, [TILTH, "serve", ...files, "--port", "0", "--json", "--quiet"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return { url: (JSON.parse(line) as { url: string }).url, child };
}

/** A window as a client draws it, and as it is in the file: red, green, blue of all pixels. */
type Pair = readonly [read: () => Buffer | Promise<Buffer>, expected: Buffer];

/** One row: values that differ by more than a rounding. What a client says when it cannot read at all is told. */
async function compare(what: string, pairs: readonly Pair[]): Promise<void> {
  try {
    let others = 0;
    let all = 0;
    for (const [read, expected] of pairs) {
      const pixels = await read();
      if (pixels.length !== expected.length) throw new Error(`${pixels.length} bytes of ${expected.length}`);
      others += expected.reduce((sum, value, at) => sum + (Math.abs(value - (pixels[at] ?? 0)) > 1 ? 1 : 0), 0);
      all += expected.length;
    }
    row(what, `${others} of ${all} values differ`, "0", others === 0);
  } catch (error) {
    row(what, (error instanceof Error ? error.message : String(error)).trim().slice(0, 400), "0", false);
  }
}

const rawPixels = (picture: Buffer): Promise<Buffer> => sharp(picture).removeAlpha().raw().toBuffer();

/** All ways of all clients to one cache. */
async function judge(judged: Judged, file: string): Promise<void> {
  const { id } = judged.grid;
  const [whole, half] = [readGdal(file, judged, 1), readGdal(file, judged, 2)];
  for (const [way, source] of Object.entries(gdalWays(judged)))
    await compare(`${id}, GDAL, ${way}`, [
      [() => readGdal(source, judged, 1), whole],
      // Half as large: the level above.
      [() => readGdal(source, judged, 2), half],
    ]);
  if (qgis === null) return;
  for (const [way, uri] of Object.entries(qgisWays(judged)))
    await compare(`${id}, QGIS, ${way}`, [[() => rawPixels(readQgis(qgis, uri, judged)), whole]]);
}

if (spawnSync("gdalinfo", ["--version"]).error !== undefined) throw new Error("gdal-bin is not installed");
await withFolder(async (path) => {
  mkdirSync(path("work"));
  const files = Object.keys(GRIDS).map((name) => path(`${name}.gpkg`));
  for (const [name, grid] of Object.entries(GRIDS)) await writeArchive(path(`${name}.gpkg`), grid);
  const { url, child } = await serve(files);
  try {
    const answer = await fetch(`${url}/wmts/1.0.0/WMTSCapabilities.xml`);
    // GDAL takes the paths of a REST template where there is one: without it, it asks with key-value pairs.
    writeFileSync(path("work/kvp.xml"), (await answer.text()).replace(/<ResourceURL[^>]*\/>/g, ""));
    for (const [name, grid] of Object.entries(GRIDS)) {
      const judged: Judged = {
        name,
        url,
        grid: getGrid(grid),
        maxZoom: MAX_ZOOM,
        window: windowOf(grid),
        work: path("work"),
      };
      await judge(judged, path(`${name}.gpkg`));
    }
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});
console.log(
  qgis === null
    ? "QGIS is not installed: left out (apt-get install --no-install-recommends python3-qgis)"
    : `QGIS ${qgis.version}`,
);
