import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WorkerPool, workerModuleUrl, workerTask } from "../../src/concurrency/index.ts";
import { isTilthError } from "../../src/core/index.ts";
import { importOsm } from "../../src/osm/import/import_osm.ts";
import { openOsmFile } from "../../src/osm/input/open_input.ts";
import { planLayers } from "../../src/osm/tags/layer_plan.ts";
import { FeatureCollector } from "../support/collect_features.ts";
import { useTempFolder } from "../support/temp_folder.ts";
import { damagedFile, FORMATS, type fuzzCases, type FuzzFormat } from "./osm_fuzz_worker.ts";

const BATCH = 125;
/** A whole batch takes a second or two; what takes so long hangs. */
const HANG_MS = 25_000;
const MAX_HEAP_MB = 256;
const MAX_EXTERNAL_BYTES = 512 * 1024 * 1024;
const ALLOWED = /^(?:none|osm\.|store\.)/;

const folder = useTempFolder();
const fuzz = workerTask<typeof fuzzCases>({
  module: workerModuleUrl("./osm_fuzz_worker", import.meta.url),
  name: "fuzzCases",
});

describe("damaged OpenStreetMap files end in clear errors, soon and within bounds", () => {
  test.each(FORMATS)(
    "2500 of %s",
    async (format: FuzzFormat) => {
      await using pool = new WorkerPool({ maxThreads: 1, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
      const codes: Record<string, number> = {};
      for (let from = 0; from < 2500; from += BATCH) {
        const result = await pool.run(fuzz, [format, from, from + BATCH], { timeoutMs: HANG_MS });
        expect(result.crashes).toEqual([]);
        expect(result.maxExternalBytes).toBeLessThan(MAX_EXTERNAL_BYTES);
        for (const [code, count] of Object.entries(result.codes)) codes[code] = (codes[code] ?? 0) + count;
      }
      for (const code of Object.keys(codes)) expect(code).toMatch(ALLOWED);
      // The mutations reach deep enough to be refused, and some leave a file that can be read.
      expect(codes["osm.invalid"]).toBeGreaterThan(200);
      expect(codes["none"]).toBeGreaterThan(20);
    },
    60_000,
  );
});

test("100 more through threads, from files", async () => {
  const layers = planLayers({ scheme: "theme" });
  const codes = new Set<string>();
  for (let index = 0; index < 100; index++) {
    const path = folder.path(`damaged_${index}`);
    writeFileSync(path, damagedFile(FORMATS[index % FORMATS.length] as FuzzFormat, 10_000 + index));
    const collector = new FeatureCollector();
    const run = async (): Promise<unknown> => {
      await using input = await openOsmFile(path);
      return importOsm({ input, plan: { layers, area: null }, openWriter: collector.open, threads: 1 });
    };
    const code = await run().then(
      () => "none",
      (error: unknown) => (isTilthError(error) ? error.code : String(error)),
    );
    expect(code, `${index}`).toMatch(ALLOWED);
    expect(collector.isFinished, `${index}`).toBe(code === "none");
    codes.add(code);
  }
  expect(codes).toContain("osm.invalid");
}, 60_000);
