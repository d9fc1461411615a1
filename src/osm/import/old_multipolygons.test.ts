import { describe, expect, test } from "vitest";
import { blockInput } from "../../../test/support/block_input.ts";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import { WorldBuilder, worldBlock } from "../../../test/support/osm_world.ts";
import { planLayers } from "../tags/layer_plan.ts";
import { importOsm } from "./import_osm.ts";

/** Names, layers and number of rings of all features, and the problems that were told. */
async function featuresOf(world: WorldBuilder, tags?: string): Promise<{ features: string[]; problems: object }> {
  const input = blockInput(worldBlock(world));
  const collector = new FeatureCollector();
  const layers = planLayers({ scheme: "geometry", tags });
  const { problems } = await importOsm({ input, plan: { layers, area: null }, openWriter: collector.open, threads: 1 });
  const features = collector.sorted().map((feature) => {
    const [object, layer, text] = feature.split(" ");
    return `${object} ${layer} ${text} ${feature.split(")(").length}`;
  });
  return { features, problems };
}

const way = (id: number, role = "outer") => ({ type: "way", id, role }) as const;

describe("a multipolygon without tags", () => {
  test("has those of its outer way, which is no feature besides", async () => {
    const world = new WorldBuilder();
    const outer = world.square(1, 1, 1, { natural: "water" });
    const inner = world.square(1.2, 1.2, 0.1, { place: "islet" });
    const relation = world.relation([way(outer), way(inner, "inner")], { type: "multipolygon", source: "x" });
    expect(await featuresOf(world)).toEqual({
      features: [`relation/${relation} polygons natural=water 2`, `way/${inner} polygons place=islet 1`],
      problems: {},
    });
  });

  test("that cannot be assembled leaves the outer way as it is", async () => {
    const world = new WorldBuilder();
    const outer = world.square(1, 1, 1, { natural: "water" });
    const open = world.way([world.node(1.2, 1.2), world.node(1.4, 1.4)], { landuse: "grass" });
    world.relation([way(outer), way(open)], { type: "multipolygon" });
    expect(await featuresOf(world)).toEqual({
      features: [`way/${outer} polygons natural=water 1`, `way/${open} lines landuse=grass 1`],
      problems: { open: 1 },
    });
  });

  test("whose outer ways are streets is nothing, and the streets stay lines", async () => {
    const world = new WorldBuilder();
    const street = world.square(1, 1, 1, { highway: "residential" });
    world.relation([way(street)], { type: "multipolygon" });
    expect((await featuresOf(world)).features).toEqual([`way/${street} lines highway=residential 1`]);
  });

  test("whose ways have no tags either is nothing", async () => {
    const world = new WorldBuilder();
    world.relation([way(world.square(1, 1, 1))], { type: "multipolygon" });
    expect(await featuresOf(world)).toEqual({ features: [], problems: {} });
  });

  test("has the tags that are wanted, whichever outer way has them", async () => {
    const world = new WorldBuilder();
    const [first, second] = [world.square(1, 1, 1, { landuse: "grass" }), world.square(3, 1, 1, { building: "yes" })];
    const relation = world.relation([way(first), way(second)], { type: "multipolygon" });
    expect((await featuresOf(world, "building")).features).toEqual([`relation/${relation} polygons building=yes 1`]);
  });
});

describe("a relation with tags", () => {
  test("of a boundary without any leaves its ways as they are", async () => {
    const world = new WorldBuilder();
    const outer = world.square(1, 1, 1, { boundary: "administrative" });
    world.relation([way(outer)], { type: "boundary" });
    expect((await featuresOf(world)).features).toEqual([`way/${outer} polygons boundary=administrative 1`]);
  });

  test("that are not wanted leaves its ways as they are", async () => {
    const world = new WorldBuilder();
    const outer = world.square(1, 1, 1, { building: "yes" });
    world.relation([way(outer)], { type: "multipolygon", landuse: "grass" });
    expect((await featuresOf(world, "building")).features).toEqual([`way/${outer} polygons building=yes 1`]);
  });

  test("that lacks a member is flagged", async () => {
    const world = new WorldBuilder();
    const relation = world.relation([way(world.square(1, 1, 1)), way(99)], { type: "multipolygon", landuse: "grass" });
    expect(await featuresOf(world)).toEqual({
      features: [`relation/${relation} polygons landuse=grass,type=multipolygon 1`],
      problems: { incomplete: 1 },
    });
  });
});
