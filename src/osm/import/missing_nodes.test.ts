import { expect, test } from "vitest";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import { blockInput } from "../../../test/support/block_input.ts";
import { WorldBuilder, worldBlock } from "../../../test/support/osm_world.ts";
import { planLayers } from "../tags/layer_plan.ts";
import { importOsm } from "./import_osm.ts";

test("ways that have lost corners are told, each with what is left of it", async () => {
  const world = new WorldBuilder();
  const [a, b, c, d] = world.corners(1, 1, 1);
  const [gone, lost] = [998, 999];
  world.way([a, b, c], { highway: "path" });
  world.way([a, gone, c], { highway: "path" });
  world.way([a, b, c, gone, d, a], { building: "yes" });
  world.way([a, gone, lost], { highway: "path" });
  world.way([gone, lost], { highway: "path" });
  world.way([], { highway: "path" });
  world.way([a], { highway: "path" });
  world.way([gone], {});
  const collector = new FeatureCollector();
  const plan = { layers: planLayers({ scheme: "geometry" }), area: null };
  const input = blockInput(worldBlock(world));
  const { problems, findings, missingNodes } = await importOsm({ input, plan, openWriter: collector.open, threads: 1 });
  expect(collector.sorted()).toEqual([
    "way/1 lines highway=path line (1 1,2 1,2 2)",
    "way/2 lines highway=path line (1 1,2 2)",
    "way/3 polygons building=yes multiPolygon (1 1,2 1,2 2,1 2,1 1)",
  ]);
  expect(findings.map(({ id, problem, place }) => `${id} ${problem} ${place?.join()}`)).toEqual([
    "2 incomplete 1,1",
    "3 incomplete 1,1",
    "4 incomplete 1,1",
    "4 tooShort 1,1",
    "5 incomplete undefined",
    "6 noPlace undefined",
    "7 tooShort 1,1",
  ]);
  expect([problems, missingNodes]).toEqual([{ incomplete: 4, tooShort: 2, noPlace: 1 }, 6]);
});
