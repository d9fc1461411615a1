/**
 * Does a cluster keep its promises whatever happens? `node bench/cluster_fleet.ts [seeds=1000] [workers=200] [first=1]`: for each seed of the random
 * generator one simulated fleet of real workers on a fake clock (kills, cut lines, a restart of the database, clocks that are wrong by hours, slow
 * and failing tiles). A seed that breaks an invariant is printed; alone it runs again as `node bench/cluster_fleet.ts 1 200 SEED`.
 */
import { runClusterFleet } from "../test/support/cluster_fleet.ts";

const seeds = Number(process.argv[2] ?? 1000);
const workers = Number(process.argv[3] ?? 200);
const first = Number(process.argv[4] ?? 1);

const sums = { tiles: 0, fetches: 0, refused: 0, lost: 0, kills: 0, cuts: 0, seconds: 0 };
const broken: number[] = [];
// Thousands of errors are part of the game; where they came from is not.
Error.stackTraceLimit = 0;
const startedMs = performance.now();
for (let seed = first; seed < first + seeds; seed++) {
  const report = await runClusterFleet({ seed, workers });
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += report[name];
  if (report.faults.length > 0) {
    broken.push(seed);
    console.log(`seed ${seed}:\n  ${report.faults.join("\n  ")}`);
  }
  if ((seed - first + 1) % 50 === 0)
    console.log(
      `${seed - first + 1} seeds, ${broken.length} broken, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
    );
}
const seconds = (performance.now() - startedMs) / 1000;
const { tiles, fetches, refused, lost, kills, cuts } = sums;
console.log(
  `${seeds} seeds with ${workers} workers in ${seconds.toFixed(0)} s (${(seeds / seconds).toFixed(2)} a second, ${(sums.seconds / seeds).toFixed(0)} s simulated each)`,
);
console.log(
  `${tiles} tiles written, ${kills} kills, ${cuts} cuts, ${fetches} fetches: ${refused} refused, ${lost} lost`,
);
console.log(
  `${((fetches - refused) / tiles).toFixed(4)} fetches for each tile, ${((fetches - refused - lost) / tiles).toFixed(4)} without what was lost`,
);
console.log(broken.length === 0 ? "no invariant was broken" : `broken: ${broken.join(" ")}`);
process.exitCode = broken.length === 0 ? 0 : 1;
