import { expect, test } from "vitest";
import { WorkerPool, workerModuleUrl, workerTask } from "../../src/concurrency/index.ts";
import type { fuzzRasters } from "./raster_fuzz_worker.ts";

const CASES = 10_000;
const BATCH = 250;
/** A whole batch takes a second; what takes so long hangs. */
const HANG_MS = 25_000;
const MAX_EXTERNAL_BYTES = 768 * 1024 * 1024;

const fuzz = workerTask<typeof fuzzRasters>({
  module: workerModuleUrl("./raster_fuzz_worker", import.meta.url),
  name: "fuzzRasters",
});

test("10,000 damaged rasters end in clear errors, soon and within bounds", async () => {
  await using pool = new WorkerPool({ maxThreads: 1, resourceLimits: { maxOldGenerationSizeMb: 256 } });
  const codes: Record<string, number> = {};
  for (let from = 0; from < CASES; from += BATCH) {
    const result = await pool.run(fuzz, [from, from + BATCH], { timeoutMs: HANG_MS });
    expect(result.crashes).toEqual([]);
    expect(result.maxExternalBytes).toBeLessThan(MAX_EXTERNAL_BYTES);
    for (const [code, count] of Object.entries(result.codes)) codes[code] = (codes[code] ?? 0) + count;
  }
  for (const code of Object.keys(codes)) expect(code).toMatch(/^(?:none|raster\.)/);
  // The mutations reach deep enough to be refused, and some leave a file that can be read.
  expect(codes["raster.damaged"]).toBeGreaterThan(500);
  expect(codes["raster.truncated"]).toBeGreaterThan(500);
  expect(codes["none"]).toBeGreaterThan(500);
}, 120_000);
