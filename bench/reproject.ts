// Seeds onto another grid, side by side: Tilth, mapproxy-seed and gdalwarp over HTTP from the same nginx; then how exact each is against
// gdalwarp -et 0, the source requests, and the warp alone. Peers that are not installed are left out and said so.
// node bench/reproject.ts [RUNS]     needs `npm run build` first (users run the built form)
import { rmSync, statSync, writeFileSync } from "node:fs";
import { compare, measure, type Measured } from "./support/measure.ts";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { comparePixels } from "./support/compare_pixels.ts";
import {
  gdalFile,
  gdalWarp,
  isInstalled,
  mapproxyFile,
  mapproxyWarp,
  writeExact,
  writeRaw,
  type WarpCase,
  type WarpFormat,
} from "./support/reproject_peers.ts";
import { writeTextureTiles } from "./support/texture.ts";
import { startNginxOver } from "./support/tile_server.ts";
import { measureWarpAlone } from "./support/warp_alone.ts";

const runs = Number(process.argv[2] ?? 5);

/** 950 tiles of the Swiss grid at 26 m, and 1,024 of the geodetic grid. */
const SWISS: WarpCase = {
  name: "EPSG:2056",
  srs: "EPSG:2056",
  bbox: [2_540_000, 1_093_600, 2_792_928, 1_260_000],
  resolution: 26,
  columns: 38,
  rows: 25,
  sourceZoom: 12,
};
const GEODETIC: WarpCase = {
  name: "geodetic",
  srs: "EPSG:4326",
  bbox: [0, 0, 45, 45],
  resolution: 0.0054931640625,
  columns: 32,
  rows: 32,
  sourceZoom: 8,
};

/** The case's level as a grid of its own. */
function writeGrid(path: string, { srs, bbox, resolution, columns, rows }: WarpCase): string {
  const crs =
    srs === "EPSG:4326"
      ? "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
      : `http://www.opengis.net/def/crs/EPSG/0/${srs.slice(5)}`;
  const matrix = {
    id: "0",
    scaleDenominator: (resolution * (srs === "EPSG:4326" ? 111_319.49079327358 : 1)) / 0.00028,
    cellSize: resolution,
    pointOfOrigin: [bbox[0], bbox[3]],
    tileWidth: 256,
    tileHeight: 256,
    matrixWidth: columns,
    matrixHeight: rows,
  };
  writeFileSync(path, JSON.stringify({ id: "bench", crs, tileMatrices: [matrix] }));
  return path;
}

function tilth(template: string, job: WarpCase, format: string, grid: string, out: string): () => Promise<Measured> {
  const area = job === SWISS ? "6.3,45.7,10.3,47.7" : "0.001,0.001,44.999,44.999";
  const zooms = ["--min-zoom", String(job.sourceZoom), "--max-zoom", String(job.sourceZoom)];
  const args = ["seed", template, "--grid", grid, "--bbox", area, "--zoom", "0", "--out", out, ...zooms];
  return () => {
    rmSync(out, { force: true });
    return measure(process.execPath, [TILTH, ...args, "--format", format, "--quality", "85", "--quiet", "--json"]);
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? Number.NaN;
const ratio = (value: number): string => value.toFixed(2);

function print(title: string, results: Record<string, Measured>, count: number): void {
  console.log(`\n${title}`);
  for (const [name, { wallS, cpuS, peakRssMb }] of Object.entries(results)) {
    const perTile = ((cpuS / count) * 1000).toFixed(2);
    console.log(
      `  ${name.padEnd(22)} ${wallS.toFixed(2)} s  CPU ${cpuS.toFixed(2)} s (${perTile} ms a tile)  RSS ${Math.round(peakRssMb)} MB`,
    );
  }
}

async function runCase(folder: (name: string) => string, job: WarpCase): Promise<void> {
  const count = job.columns * job.rows;
  const box =
    job === SWISS
      ? { z: 12, minX: 2118, maxX: 2165, minY: 1426, maxY: 1465 }
      : { z: 8, minX: 127, maxX: 160, minY: 90, maxY: 128 };
  const server = await startNginxOver("jpg", (place) => writeTextureTiles(place, box));
  if (server === null) return console.log("nginx is not installed: nothing to seed from");
  const { template } = server;
  const grid = writeGrid(folder(`${job.name}.json`), job);
  const out = (format: WarpFormat): string => folder(`tilth-${job.name}-${format}.gpkg`);
  const mapproxy = isInstalled("mapproxy-seed");
  const gdal = isInstalled("gdalwarp");
  const base = folder(".");
  for (const format of ["jpeg", "png"] as const) {
    const candidates: Record<string, () => Promise<Measured>> = {
      tilth: tilth(template, job, format, grid, out(format)),
    };
    if (mapproxy) candidates["mapproxy"] = mapproxyWarp(base, template, job, format);
    if (gdal) candidates["gdalwarp"] = gdalWarp(base, template, job, format);
    if (mapproxy && format === "png") candidates["mapproxy PNG8"] = mapproxyWarp(base, template, job, "png8");
    const results = await compare(runs, candidates);
    print(`${job.name}, ${count} tiles, bilinear, ${format}`, results, count);
    const { tilth: own, mapproxy: peer, gdalwarp } = results;
    if (own !== undefined && peer !== undefined) {
      const faster = peer.wallS / own.wallS;
      const bar = format === "jpeg" ? 1.3 : 3;
      row(`${job.name} ${format}: tiles/s against mapproxy`, `${ratio(faster)} x`, `>= ${bar} x`, faster >= bar);
      const cpu = own.cpuS / peer.cpuS;
      if (format === "jpeg") row(`${job.name} jpeg: CPU against mapproxy`, `${ratio(cpu)} x`, "<= 0.75 x", cpu <= 0.75);
      const size = sizeOf(out(format)) / sizeOf(mapproxyFile(base, job, format));
      row(`${job.name} ${format}: file against mapproxy's`, `${ratio(size)} x`, "<= 1.05 x", size <= 1.05);
    }
    if (own !== undefined && gdalwarp !== undefined) {
      const faster = gdalwarp.wallS / own.wallS;
      const bar = format === "jpeg" ? 1.3 : 4;
      row(`${job.name} ${format}: against gdalwarp -multi`, `${ratio(faster)} x`, `>= ${bar} x`, faster >= bar);
    }
  }
  server.countRequests();
  await tilth(template, job, "png", grid, out("png"))();
  const { all, different } = server.countRequests();
  row(`${job.name}: source requests for different tiles`, `${all} for ${different}`, "each once", all === different);
  if (gdal) {
    const exact = writeExact(base, template, job);
    judgeExactness(job, "tilth", writeRaw(out("png"), folder("own.img")), exact, true);
    if (mapproxy)
      judgeExactness(job, "mapproxy", writeRaw(mapproxyFile(base, job, "png"), folder("peer.img")), exact, false);
    judgeExactness(job, "gdalwarp default", writeRaw(gdalFile(base, job, "png"), folder("gdal.img")), exact, false);
  }
  await server.close();
}

function judgeExactness(job: WarpCase, name: string, file: string, exact: string, isOwn: boolean): void {
  const { mean, over8, within3 } = comparePixels(file, exact, job.columns * 256, job.rows * 256);
  const text = `mean ${mean.toFixed(3)}, ${(within3 * 100).toFixed(2)} % within 3, ${(over8 * 100).toFixed(2)} % of pixels over 8`;
  if (isOwn) row(`${job.name}: against gdalwarp -et 0`, text, "mean <= 0.5, 0 % over 8", mean <= 0.5 && over8 === 0);
  else console.log(`      ${name.padEnd(20)} ${text}`);
}

await withFolder(async (folder) => {
  await runCase(folder, SWISS);
  await runCase(folder, GEODETIC);
  for (const [name, alpha, bar] of [
    ["opaque", "opaque", 150],
    ["half of it clear", "shapes", 150],
    ["every alpha different", "random", 0],
  ] as const) {
    const speed = await measureWarpAlone(2, alpha);
    row(
      `warp alone, 2 threads, bilinear RGBA, ${name}`,
      `${Math.round(speed)} megapixels/s`,
      bar > 0 ? `>= ${bar}` : "-",
      speed >= bar,
    );
  }
});
