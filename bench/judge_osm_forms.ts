// Does a map give the same features in every form that osmium writes it in? Needs osmium (`apt-get install osmium-tool`), the extracts below `TILTH_REAL_DATA`, and
// `npm run build`: node bench/judge_osm_forms.ts. Exits 1 on a failure.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { row, TILTH, withFolder } from "./support/cases.ts";

const whole = join(process.env["TILTH_REAL_DATA"] ?? "", "osm/monaco_2021.osm.pbf");
const BOX = "7.415,43.73,7.425,43.74";
/** Command and options that write a form of a map into `OUT`. */
const FORMS: readonly [form: string, ending: string, command: readonly string[]][] = [
  ["blobs that are not packed", "osm.pbf", ["cat", "-f", "pbf,pbf_compression=none"]],
  ["single nodes", "osm.pbf", ["cat", "-f", "pbf,pbf_dense_nodes=false"]],
  ["no versions and times", "osm.pbf", ["cat", "-f", "pbf,add_metadata=false"]],
  ["a file with history", "osh.pbf", ["cat", "-f", "pbf,history=true"]],
  ["places in ways", "osm.pbf", ["add-locations-to-ways", "--ignore-missing-nodes"]],
  ["places in ways and nodes", "osm.pbf", ["add-locations-to-ways", "--ignore-missing-nodes", "-n"]],
  ["XML", "osm", ["cat"]],
  ["XML, gzipped", "osm.gz", ["cat"]],
  ["XML with history", "osh", ["cat"]],
  ["XML with places in ways", "osm", ["add-locations-to-ways", "--ignore-missing-nodes"]],
];

function run(command: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 1000)}`);
  return stdout;
}

/** Number and sum of the features, whatever their order. */
function importOf(from: string, out: string): string {
  run(process.execPath, [TILTH, "osm", "--from", from, "--out", out, "--layers", "geometry", "--quiet"]);
  // The first says which file it came from, and when.
  const text = readFileSync(out, "utf8").replace(/"provenance":\{[^}]*\},/, "");
  const features = text.trim().split("\n").toSorted();
  rmSync(out);
  return `${features.length} ${createHash("sha256").update(features.join("\n")).digest("hex").slice(0, 12)}`;
}

await withFolder(async (place) => {
  const cut = place("cut.osm.pbf");
  run("osmium", ["extract", "-s", "simple", "-b", BOX, whole, "-o", cut]);
  for (const [name, map] of [
    ["Monaco", whole],
    ["an extract with cut ways", cut],
  ] as const) {
    const wanted = importOf(map, place("whole.geojsonl"));
    for (const [i, [form, ending, [command = "", ...options]]] of FORMS.entries()) {
      const path = place(`${i}.${ending}`);
      run("osmium", [command, ...options, "-O", map, "-o", path]);
      const found = importOf(path, place("form.geojsonl"));
      row(`${name}: ${form}`, found, wanted, found === wanted);
    }
  }
});
