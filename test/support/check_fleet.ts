import type { SeedStatus } from "../../src/cluster/index.ts";
import { listBlockTiles, tileToText } from "../../src/grid/index.ts";
import { planTask } from "../../src/seed/index.ts";
import type { ClusterFleet, FleetReport } from "./cluster_fleet.ts";
import { mostWithin } from "./fleet.ts";

/** Fetches beyond one for each tile that nothing explains. */
const WASTE_SHARE = 0.05;

/** What has to hold after a run. */
export async function checkFleet(fleet: ClusterFleet, status: SeedStatus): Promise<FleetReport> {
  const faults = [...fleet.faults, ...fleet.audit.faults];
  const outcome = await countStore(fleet, status, faults);
  checkSums(fleet, status, outcome, faults);
  checkBudget(fleet, faults);
  const fetches = fleet.origin.arrivals.length;
  const { refused, lost } = countExplained(fleet);
  const written = sumOf(fleet.audit.written);
  if (fetches - refused - lost > written * (1 + WASTE_SHARE))
    faults.push(`${fetches} fetches for ${written} tiles; ${refused} were refused, ${lost} lost with their worker`);
  const { kills, cuts } = fleet;
  const seconds = fleet.clock.monotonicMs() / 1000;
  return { faults: faults.slice(0, 10), tiles: written, fetches, refused, lost, kills, cuts, seconds };
}

interface StoreOutcome {
  present: number;
  empty: number;
  missing: number;
}

/** Every tile of the plan as it lies in the store. */
async function countStore(fleet: ClusterFleet, status: SeedStatus, faults: string[]): Promise<StoreOutcome> {
  const outcome = { present: 0, empty: 0, missing: 0 };
  for (const block of planTask(fleet.tiles.grid, status.definition.task).listBlocks())
    for (const tile of listBlockTiles(block)) {
      const found = await fleet.tiles.find(tile);
      outcome[found?.status ?? "missing"] += 1;
      const kind = fleet.origin.kindOf(tile);
      const expected = kind === "empty" ? "empty" : kind === "missing" ? "missing" : "present";
      if ((found?.status ?? "missing") === expected || isExplained(kind, found?.status)) continue;
      faults.push(`${tileToText(tile)} is ${found?.status ?? "missing"}, but it should be ${expected}`);
    }
  return outcome;
}

/** What fails now and then may have failed too often; what is never there may have been there before. */
function isExplained(kind: string, status: "present" | "empty" | undefined): boolean {
  return (kind === "flaky" && status === undefined) || (kind === "missing" && status === "present");
}

function checkSums(fleet: ClusterFleet, status: SeedStatus, outcome: StoreOutcome, faults: string[]): void {
  const { before } = fleet;
  const { present, stored, empty, failed } = status.counts;
  const got = { present, stored, empty, failed };
  const expected = {
    present: before.present,
    stored: outcome.present - before.present,
    empty: outcome.empty,
    failed: outcome.missing,
  };
  if (JSON.stringify(got) !== JSON.stringify(expected))
    faults.push(`the books say ${JSON.stringify(got)}, the store ${JSON.stringify(expected)}`);
  if (present + stored + empty + failed !== status.planned) faults.push(`the sums are not the plan, ${status.planned}`);
  const { queued, leased, dead } = status.blocks;
  if (status.state !== "ended" || queued + leased + dead > 0)
    faults.push(`the seed is ${status.state} with ${queued} blocks waiting, ${leased} in work, ${dead} dead`);
}

/** What is due within the span, and what may be late by a quarter of a second. */
function checkBudget({ origin, ratePerSecond }: ClusterFleet, faults: string[]): void {
  for (const spanMs of [1000, 10_000]) {
    const most = mostWithin(origin.arrivals, spanMs);
    if (most > 1 + (ratePerSecond * (spanMs + 260)) / 1000)
      faults.push(`${most} requests within ${spanMs} ms, at ${ratePerSecond} a second`);
  }
}

/** Answers that were no tile, and what was fetched by workers that were killed, cut off, paused or stopped, and never written. */
function countExplained({ members, origin, audit }: ClusterFleet): { refused: number; lost: number } {
  let lost = 0;
  for (const { name, isTroubled, isStopped } of members) {
    const [asked, refused, written] = [origin.asked, origin.refused, audit.written].map((of) => of.get(name) ?? 0);
    if (isTroubled || isStopped) lost += (asked ?? 0) - (refused ?? 0) - (written ?? 0);
  }
  return { refused: sumOf(origin.refused), lost };
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
