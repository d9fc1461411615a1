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

  test("has the tags that are wanted, whichever part of its ring has them", async () => {
    const world = new WorldBuilder();
    const [a, b, c, d] = world.corners(1, 1, 1);
    const first = world.way([a, b, c], { note: "half" });
    const second = world.way([c, d, a], { building: "yes" });
    const relation = world.relation([way(first), way(second)], { type: "multipolygon" });
    expect((await featuresOf(world, "building")).features).toEqual([`relation/${relation} polygons building=yes 1`]);
  });

  test("round several rings of one thing is that", async () => {
    const world = new WorldBuilder();
    const tags = { natural: "water", name: "Lakes" };
    const [first, second] = [world.square(1, 1, 1, { ...tags, source: "x" }), world.square(3, 1, 1, tags)];
    const relation = world.relation([way(first), way(second)], { type: "multipolygon" });
    expect((await featuresOf(world)).features).toHaveLength(1);
    expect((await featuresOf(world)).features[0]).toMatch(new RegExp(`^relation/${relation} `));
  });

  test("round rings of different things is none, each ring is its own", async () => {
    const world = new WorldBuilder();
    const [first, second] = [world.square(1, 1, 1, { landuse: "grass" }), world.square(3, 1, 1, { building: "yes" })];
    world.relation([way(first), way(second)], { type: "multipolygon" });
    const [grass, house] = [`way/${first} polygons landuse=grass 1`, `way/${second} polygons building=yes 1`];
    expect(await featuresOf(world)).toEqual({ features: [grass, house], problems: { mixedTags: 1 } });
    expect((await featuresOf(world, "building")).features).toEqual([house]);
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

  const GRASS = { type: "multipolygon", landuse: "grass" };
  const AREA = "polygons landuse=grass,type=multipolygon";

  test("counts a way once, however often it is a member", async () => {
    const world = new WorldBuilder();
    const [outer, inner] = [world.square(1, 1, 1), world.square(1.2, 1.2, 0.1)];
    const members = [way(outer), way(outer), way(inner, "inner"), way(inner, "inner"), way(inner, "inner")];
    const relation = world.relation(members, GRASS);
    expect(await featuresOf(world)).toEqual({ features: [`relation/${relation} ${AREA} 2`], problems: {} });
  });

  test("is told when a member is missing, or none is there, and is no area: what is missing may be its outer ring", async () => {
    const world = new WorldBuilder();
    world.relation([way(99), way(world.square(1, 1, 1), "inner")], GRASS);
    world.relation([way(99)], GRASS);
    world.relation([], GRASS);
    expect(await featuresOf(world)).toEqual({ features: [], problems: { incomplete: 2, empty: 1 } });
  });

  test("is told when nodes of a member are missing, and is no area", async () => {
    const world = new WorldBuilder();
    const [a, b, c, d] = world.corners(1, 1, 1);
    world.relation([way(world.way([a, b, 99, c, d, a]))], GRASS);
    world.relation([way(world.square(1, 1, 1)), way(world.way([98, 99, 98]), "inner")], GRASS);
    expect(await featuresOf(world)).toEqual({ features: [], problems: { incomplete: 2 } });
  });

  test("whose ends do not quite meet says so", async () => {
    const world = new WorldBuilder();
    const [a, b, c, d] = world.corners(1, 1, 1);
    const relation = world.relation([way(world.way([a, b, c, d])), way(world.way([d, world.node(1, 1.00001)]))], GRASS);
    expect(await featuresOf(world)).toEqual({
      features: [`relation/${relation} ${AREA} 1`],
      problems: { gapClosed: 1 },
    });
  });
});
