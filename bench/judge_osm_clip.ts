// Does Tilth keep the buildings at the edge of an area that `osmium extract` keeps, by each strategy? Needs osmium (`apt-get install osmium-tool`) and the extracts below
// `TILTH_REAL_DATA`, and `npm run build`: node bench/judge_osm_clip.ts. Exits 1 on a failure.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { row, TILTH, withFolder } from "./support/cases.ts";

const from = join(process.env["TILTH_REAL_DATA"] ?? "", "osm/monaco_2021.osm.pbf");
/** Through the town, so that buildings lie across each of its sides. */
const BOX = "7.415,43.725,7.425,43.735";
const STRATEGIES = [
  { clip: "smart", strategy: "smart" },
  { clip: "complete-ways", strategy: "complete_ways" },
  { clip: "simple", strategy: "simple" },
];

function run(command: string, args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 1000)}`);
  return stdout;
}

await withFolder(async (place) => {
  for (const { clip, strategy } of STRATEGIES) {
    const [cut, out] = [place(`${clip}.osm.pbf`), place(`${clip}.geojsonl`)];
    run("osmium", ["extract", "-b", BOX, "-s", strategy, from, "-o", cut]);
    const listed = run("osmium", ["tags-filter", "-R", cut, "w/building", "-f", "opl", "-o", "-"]);
    const theirs = new Set(Array.from(listed.matchAll(/^w(\d+) /gm), ([, id]) => Number(id)));
    const options = ["--bbox", BOX, "--clip", clip, "--layers", "geometry", "--tags", "building", "--json", "--quiet"];
    const said = run(process.execPath, [TILTH, "osm", "--from", from, "--out", out, ...options]);
    const { findings } = JSON.parse(said) as { findings: { type: string; id: number; problem: string }[] };
    const told = new Set(findings.filter(({ problem }) => problem === "incomplete").map(({ id }) => id));
    const ours = new Set(Array.from(readFileSync(out, "utf8").matchAll(/"id":"way\/(\d+)"/g), ([, id]) => Number(id)));
    const missing = [...theirs].filter((id) => !ours.has(id));
    const more = [...ours].filter((id) => !theirs.has(id));
    const untold = missing.filter((id) => !told.has(id));
    const value = `${ours.size} of ${theirs.size}, ${missing.length} cut, ${untold.length} of them not told, ${more.length} more`;
    // osmium's simple strategy leaves half a ring where Tilth says that an area is incomplete.
    const isSame = more.length === 0 && (clip === "simple" ? untold.length === 0 : missing.length === 0);
    row(`buildings by ${clip}`, value, "osmium's; of simple those that are whole, the others told", isSame);
  }
});
