// OpenStreetMap import beside its peers, and how soon it ends when it is told to: node bench/osm.ts [speed|json|memory|cancel] [RUNS]
// Needs the extracts below `TILTH_REAL_DATA`; ogr2ogr (`apt-get install gdal-bin`) for `speed`; `json` fetches osmtogeojson from the npm registry. `npm run build` first.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { row, TILTH, withFolder } from "./support/cases.ts";
import { compare, measure, type Measured } from "./support/measure.ts";
import { runUntil } from "./support/run_until.ts";
import { tileOsm } from "./support/tile_osm.ts";

const data = join(process.env["TILTH_REAL_DATA"] ?? "", "osm");
const what = process.argv[2];
const runs = Number(process.argv[3] ?? 3);

function tilth(from: string, out: string, ...more: string[]): Promise<Measured> {
  rmSync(out, { force: true });
  return measure(process.execPath, [TILTH, "osm", "--from", from, "--out", out, "--json", "--quiet", ...more]);
}

const figures = ({ wallS, cpuS, peakRssMb }: Measured): string =>
  `${wallS.toFixed(2)} s, CPU ${cpuS.toFixed(2)} s, ${Math.round(peakRssMb)} MB`;

/** The same three layers out of the same extract, many times over. */
async function speed(path: (name: string) => string): Promise<void> {
  for (const times of [20, 100]) {
    const from = path(`${times}.osm.pbf`);
    await tileOsm(join(data, "monaco_2021.osm.pbf"), from, times);
    const ogr = (): Promise<Measured> => {
      rmSync(path("ogr.gpkg"), { force: true });
      return measure("ogr2ogr", ["-q", "-f", "GPKG", path("ogr.gpkg"), from, "points", "lines", "multipolygons"]);
    };
    const results = await compare(runs, {
      tilth: () => tilth(from, path("tilth.gpkg"), "--layers", "geometry"),
      ogr2ogr: ogr,
    });
    const [ours, theirs] = [results["tilth"] as Measured, results["ogr2ogr"] as Measured];
    const ratio = theirs.wallS / ours.wallS;
    console.log(`       Monaco ${times} times: Tilth ${figures(ours)}; ogr2ogr ${figures(theirs)}`);
    row(`.osm.pbf (${times} x) to GeoPackage against ogr2ogr`, `${ratio.toFixed(2)} x`, ">= 1.5 x", ratio >= 1.5);
  }
}

/** Copies of a city's roads beside each other, as one answer. */
function tileJson(from: string, to: string, times: number): void {
  interface Element {
    id: number;
    lon?: number;
    nodes?: number[];
  }
  const document = JSON.parse(readFileSync(from, "utf8")) as { elements: Element[] };
  const step = 100_000_000_000;
  const copies = Array.from({ length: times }, (_, copy) =>
    document.elements.map((element) => ({
      ...element,
      id: element.id + copy * step,
      ...(element.lon === undefined ? {} : { lon: element.lon + copy * 0.5 }),
      ...(element.nodes === undefined ? {} : { nodes: element.nodes.map((id) => id + copy * step) }),
    })),
  );
  writeFileSync(to, JSON.stringify({ ...document, elements: copies.flat() }));
}

async function json(path: (name: string) => string): Promise<void> {
  const peers = fileURLToPath(new URL("../node_modules/.cache/tilth-peers", import.meta.url));
  if (!existsSync(join(peers, "node_modules/osmtogeojson"))) {
    mkdirSync(peers, { recursive: true });
    writeFileSync(join(peers, "package.json"), '{ "private": true }\n');
    spawnSync("npm", ["install", "--silent", "--no-audit", "--no-fund", "osmtogeojson@2.2.12"], {
      cwd: peers,
      stdio: "inherit",
    });
  }
  const from = path("city.json");
  tileJson(join(data, "overpass_davis_roads_skel.json"), from, 10);
  const script = path("theirs.cjs");
  writeFileSync(
    script,
    `const convert = require(${JSON.stringify(join(peers, "node_modules/osmtogeojson"))});
const fs = require("node:fs");
fs.writeFileSync(process.argv[3], JSON.stringify(convert(JSON.parse(fs.readFileSync(process.argv[2], "utf8")))));`,
  );
  const results = await compare(runs, {
    tilth: () => tilth(from, path("ours.geojson"), "--layers", "geometry"),
    osmtogeojson: () => measure(process.execPath, [script, from, path("theirs.geojson")]),
  });
  const [ours, theirs] = [results["tilth"] as Measured, results["osmtogeojson"] as Measured];
  console.log(`       Tilth ${figures(ours)}; osmtogeojson ${figures(theirs)}`);
  const ratio = theirs.wallS / ours.wallS;
  row("Overpass JSON to features against osmtogeojson", `${ratio.toFixed(2)} x`, ">= 3 x", ratio >= 3);
  compareFeatures(path("ours.geojson"), path("theirs.geojson"));
}

interface Feature {
  id: string;
  geometry: { type: string; coordinates: unknown };
}

/** By id: kind of geometry and number of positions; a multipolygon of one part is a polygon. */
function compareFeatures(ours: string, theirs: string): void {
  const read = (file: string): Map<string, string> => {
    const { features } = JSON.parse(readFileSync(file, "utf8")) as { features: Feature[] };
    return new Map(
      features.map(({ id, geometry: { type, coordinates } }) => [
        id,
        `${type.replace("Multi", "")} ${(coordinates as unknown[]).flat(Infinity).length / 2}`,
      ]),
    );
  };
  const [mine, others] = [read(ours), read(theirs)];
  const differing = [...mine].filter(([id, shape]) => others.get(id) !== shape);
  const missing = [...others.keys()].filter((id) => !mine.has(id));
  const same = differing.length === 0 && missing.length === 0;
  row("  the same features", `${mine.size - differing.length} of ${others.size}`, "all", same);
  for (const [id, shape] of differing.slice(0, 5))
    console.log(`         ${id}: ${shape}, theirs ${others.get(id) ?? "none"}`);
  for (const id of missing.slice(0, 5)) console.log(`         ${id}: none, theirs ${others.get(id) ?? "none"}`);
}

/** Extracts twenty times as large as each other. */
async function memory(path: (name: string) => string): Promise<void> {
  const peaks: number[] = [];
  for (const times of [1, 20, 400]) {
    const from = path(`${times}.osm.pbf`);
    await tileOsm(join(data, "monaco_2021.osm.pbf"), from, times);
    const measured = await tilth(from, path("memory.gpkg"));
    peaks.push(measured.peakRssMb);
    console.log(`       Monaco ${times} times: ${figures(measured)}`);
    rmSync(from);
  }
  for (const [i, peak] of peaks.slice(1).entries()) {
    const growth = peak / (peaks[i] ?? 1) - 1;
    row(
      `peak memory, 20 x larger (${[1, 20][i]} x to ${[20, 400][i]} x)`,
      `+${Math.round(growth * 100)} %`,
      "<= +20 %",
      growth <= 0.2,
    );
  }
  await memoryOfXml(path);
}

/** The same extract as XML, which osmium writes. */
async function memoryOfXml(path: (name: string) => string): Promise<void> {
  const peaks: number[] = [];
  for (const times of [1, 20]) {
    const [from, xml] = [path(`${times}.osm.pbf`), path(`${times}.osm`)];
    await tileOsm(join(data, "monaco_2021.osm.pbf"), from, times);
    if (spawnSync("osmium", ["cat", from, "-o", xml]).status !== 0) return console.log("       (no osmium for XML)");
    const measured = await tilth(xml, path("memory.gpkg"));
    peaks.push(measured.peakRssMb);
    console.log(`       Monaco ${times} times as XML: ${figures(measured)}`);
    rmSync(xml);
  }
  const growth = (peaks[1] ?? 0) / (peaks[0] ?? 1) - 1;
  row("peak memory, 20 x larger, XML", `+${Math.round(growth * 100)} %`, "<= +20 %", growth <= 0.2);
}

/** SIGINT at ten moments: how soon does it end, and what does it leave of the file and among temporary files? */
async function cancel(path: (name: string) => string): Promise<void> {
  const from = path("100.osm.pbf");
  await tileOsm(join(data, "monaco_2021.osm.pbf"), from, 100);
  mkdirSync(path("tmp"));
  mkdirSync(path("out"));
  const args = ["osm", "--from", from, "--out", path("out/area.gpkg"), "--quiet"];
  const env = { ...process.env, TMPDIR: path("tmp") };
  const { wholeMs } = await runUntil(args, 2 ** 30, env);
  rmSync(path("out/area.gpkg"));
  let [worstMs, left] = [0, 0];
  for (let moment = 0.05; moment < 1; moment += 0.1) {
    const { code, endMs } = await runUntil(args, moment * wholeMs, env);
    // Null: the signal came before the program listened; nothing was begun. 0: it came too late.
    if (code !== 130 && code !== null && code !== 0) throw new Error(`it ended with ${code} at ${moment} of its time`);
    worstMs = Math.max(worstMs, endMs);
    // Whole: it is named when there is nothing more to do.
    rmSync(path("out/area.gpkg"), { force: true });
    // Node keeps compiled code there.
    const temporary = readdirSync(path("tmp")).filter((name) => name !== "node-compile-cache");
    left += readdirSync(path("out")).length + temporary.length;
  }
  const figures = `at worst ${Math.round(worstMs)} ms, ${left} files left`;
  row(`100 x (${(wholeMs / 1000).toFixed(1)} s) after SIGINT`, figures, "<= 1000 ms, 0", worstMs <= 1000 && left === 0);
}

const cases = { speed, json, memory, cancel };
for (const [name, run] of Object.entries(cases)) if (what === undefined || what === name) await withFolder(run);
