// Do independent judges see the same OpenStreetMap as Tilth? Needs GDAL and osmium (`apt-get install gdal-bin python3-gdal osmium-tool`) and the
// extracts below `TILTH_REAL_DATA`: node bench/judge_osm.ts [FILE...]
// Counts against osmium, validity by GEOS, areas against ogr2ogr where both have one, the file against GDAL's validator. Exits 1 on a failure.
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { row, TILTH, withFolder } from "./support/cases.ts";

const data = process.env["TILTH_REAL_DATA"] ?? "";
const files = process.argv.slice(2).length > 0 ? process.argv.slice(2) : listExtracts();
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

interface Report {
  nodes: number;
  ways: number;
  relations: number;
  problems: Record<string, number>;
  findings: { type: string; id: number; problem: string }[];
  features: { layers: { name: string; count: number }[] };
}

function listExtracts(): string[] {
  return [...globSync("osm/*.{pbf,osm,gz,json}", { cwd: data }), ...globSync("osm/cases/*.osm", { cwd: data })]
    .toSorted()
    .map((path) => join(data, path));
}

function run(command: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 1000)}`);
  return stdout;
}

/** Rows of a query of GDAL's SQLite dialect. */
function query(path: string, sql: string): string[][] {
  const text = run("ogr2ogr", ["-q", "-f", "CSV", "/vsistdout/", path, "-dialect", "sqlite", "-sql", sql]);
  const [, ...lines] = text.trim().split("\n");
  return lines.map((line) => line.split(",").map((field) => field.replace(/^"|"$/g, "")));
}

function judgeCounts(path: string, report: Report): void {
  if (path.endsWith(".json")) return;
  // osmium of Debian 12 does not know LZ4.
  const { stdout, status } = spawnSync("osmium", ["fileinfo", "-e", "-j", path], { encoding: "utf8" });
  if (status !== 0) return console.log(`       (osmium cannot read ${basename(path)})`);
  const { count } = (JSON.parse(stdout) as { data: { count: Record<string, number> } }).data;
  const same = (["nodes", "ways", "relations"] as const).every((kind) => count[kind] === report[kind]);
  row("  nodes, ways, relations", `${report.nodes}, ${report.ways}, ${report.relations}`, "as osmium counts", same);
}

function judgeValidity(path: string): void {
  const [[valid = "0", all = "0"] = []] = query(path, "SELECT sum(ST_IsValid(geom)), count(*) FROM polygons");
  row("  polygons valid by GEOS", `${valid} of ${all}`, "all", valid === all);
  withTriggersOfVersion13(path);
  const done = spawnSync(PYTHON, ["-m", "osgeo_utils.samples.validate_gpkg", path], { encoding: "utf8" });
  row(
    "  GDAL's GeoPackage validator",
    done.status === 0 ? "no finding" : (done.stdout + done.stderr).slice(-200),
    "no finding",
    done.status === 0,
  );
}

/** The validator of GDAL 3.6 knows the triggers of an R-tree as version 1.3 had them: it is given the file with those, and judges all the rest as it is. */
function withTriggersOfVersion13(path: string): void {
  const db = new DatabaseSync(path);
  const triggers = db.prepare("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'").all();
  const tables = new Set(triggers.map(({ tbl_name }) => String(tbl_name)));
  for (const { name } of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
  for (const table of tables)
    for (const [suffix, event] of OLD_TRIGGERS)
      db.exec(`CREATE TRIGGER "rtree_${table}_geom_${suffix}" AFTER ${event} ON "${table}" BEGIN SELECT 1; END`);
  db.close();
}

const OLD_TRIGGERS = [
  ["insert", "INSERT"],
  ["update1", "UPDATE OF geom"],
  ["update2", "UPDATE OF geom"],
  ["update3", "UPDATE"],
  ["update4", "UPDATE"],
  ["delete", "DELETE"],
] as const;

/** `way/1` or `relation/1` to its area in square degrees. */
type Areas = Map<string, number>;

function judgeAreas(ours: Areas, theirs: Areas): void {
  const shared = [...ours.keys()].filter((key) => theirs.has(key));
  const off = shared.filter((key) => Math.abs((ours.get(key) ?? 0) / (theirs.get(key) ?? 1) - 1) > 1e-9);
  const differing = off.map((key) => `${key} ${ours.get(key)} ${theirs.get(key)}`);
  row(
    "  areas that ogr2ogr has too, within 1e-9",
    `${shared.length - off.length} of ${shared.length}`,
    "all but what is explained",
    off.length === 0,
  );
  for (const line of differing.slice(0, 10)) console.log(`         ${line}`);
  const only = (a: Areas, b: Areas): string[] => [...a.keys()].filter((key) => !b.has(key));
  const count = (keys: readonly string[], type: string): number => keys.filter((key) => key.startsWith(type)).length;
  for (const [who, keys] of [
    ["ours", only(ours, theirs)],
    ["ogr2ogr's", only(theirs, ours)],
  ] as const)
    console.log(
      `         only ${who}: ${count(keys, "way")} ways, ${count(keys, "relation")} relations (${keys.slice(0, 5).join(" ")})`,
    );
}

for (const path of files)
  await withFolder(async (place) => {
    console.log(basename(path));
    const [ours, theirs] = [place("ours.gpkg"), place("theirs.gpkg")];
    const said = run(process.execPath, [
      TILTH,
      "osm",
      "--from",
      path,
      "--layers",
      "geometry",
      "--out",
      ours,
      "--json",
      "--quiet",
    ]);
    const report = JSON.parse(said) as Report;
    judgeCounts(path, report);
    if (!report.features.layers.some(({ name, count }) => name === "polygons" && count > 0)) return;
    judgeValidity(ours);
    // ogr2ogr needs nodes before ways, each by id.
    const sorted = place("sorted.osm.pbf");
    if (!path.endsWith(".json")) spawnSync("osmium", ["sort", path, "-o", sorted]);
    const ogr = spawnSync("ogr2ogr", ["-q", "-f", "GPKG", theirs, sorted, "multipolygons"], { encoding: "utf8" });
    if (ogr.status !== 0 || path.endsWith(".json")) return;
    const areas = (rows: string[][]): Areas => new Map(rows.map(([key = "", area]) => [key, Number(area)]));
    const own = areas(query(ours, "SELECT osm_type || '/' || osm_id, ST_Area(geom) FROM polygons"));
    const others = areas(
      query(
        theirs,
        "SELECT CASE WHEN osm_way_id IS NULL THEN 'relation/' || osm_id ELSE 'way/' || osm_way_id END, ST_Area(geom) FROM multipolygons",
      ),
    );
    // Where rings cross, ogr2ogr writes them as they are.
    const repaired = report.findings
      .filter(({ problem }) => problem === "repaired")
      .map(({ type, id }) => `${type}/${id}`);
    for (const key of repaired) own.delete(key);
    for (const key of repaired) others.delete(key);
    judgeAreas(own, others);
    if (Object.keys(report.problems).length > 0) console.log(`         told: ${JSON.stringify(report.problems)}`);
  });
