import { describe, expect, test } from "vitest";
import { runClusterFleet } from "../../../test/support/cluster_fleet.ts";

/** `bench/cluster_fleet.ts` runs a thousand with 200 workers each; one that breaks there belongs here. */
describe("a fleet of workers", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "loses nothing and does nothing twice, whatever happens (seed %i)",
    async (seed) => {
      const report = await runClusterFleet({ seed, workers: 20 });
      expect(report.faults).toEqual([]);
      expect(report.tiles).toBeGreaterThan(200);
    },
  );

  test("of 200 workers does as well", async () => {
    const report = await runClusterFleet({ seed: 9, workers: 200 });
    expect(report.faults).toEqual([]);
    expect(report.kills).toBeGreaterThan(0);
  });

  test("does the same again for the same seed", async () => {
    const first = await runClusterFleet({ seed: 10, workers: 12 });
    expect(await runClusterFleet({ seed: 10, workers: 12 })).toEqual(first);
  });
});
