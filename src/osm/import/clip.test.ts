import { describe, expect, test } from "vitest";
import { blockInput } from "../../../test/support/block_input.ts";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import { WorldBuilder, worldBlock } from "../../../test/support/osm_world.ts";
import { planLayers } from "../tags/layer_plan.ts";
import type { ClipStrategy, WantedArea } from "./feature_plan.ts";
import { importOsm } from "./import_osm.ts";

async function importClipped(world: WorldBuilder, clip: ClipStrategy, area: WantedArea) {
  const input = blockInput(worldBlock(world));
  const collector = new FeatureCollector();
  const plan = { layers: planLayers({ scheme: "geometry" }), area, clip };
  const { findings } = await importOsm({ input, plan, openWriter: collector.open, threads: 1 });
  return { features: collector.sorted(), told: findings.map(({ type, id, problem }) => `${type}/${id} ${problem}`) };
}
/** The same area twice: a box is asked one way, a polygon another. */
const AREAS: [string, WantedArea][] = [
  ["box", { boxes: [[0, 0, 2, 2]] }],
  [
    "polygon",
    {
      polygons: [
        [
          [
            [0, 0],
            [2, 0],
            [2, 2],
            [0, 2],
            [0, 0],
          ],
        ],
      ],
    },
  ],
];

function edgeWorld(): WorldBuilder {
  const world = new WorldBuilder();
  const outer = (id: number) => ({ type: "way", id, role: "outer" }) as const;
  world.node(1, 1, { amenity: "bench" });
  world.node(3, 3, { amenity: "bench" });
  const path = [
    [0.5, 0.5],
    [1.5, 0.5],
    [3, 1],
    [1.5, 1.5],
    [0.5, 1.5],
  ] as const;
  world.way(
    path.map(([lon, lat]) => world.node(lon, lat)),
    { highway: "path" },
  );
  world.way([world.node(-1, 1.8), world.node(3, 1.8)], { highway: "track" });
  world.way([world.node(3, 3), world.node(4, 4)], { highway: "road" });
  world.square(1, 1, 0.5, { building: "yes" });
  world.square(1.5, 1, 0.9, { natural: "water" });
  const [a, b] = [world.node(0.2, 0.2), world.node(0.2, 3)];
  const half = world.way([a, world.node(1, 0.4), b]);
  const otherHalf = world.way([b, world.node(-3, 3), world.node(-3, 0.2), a]);
  world.relation([outer(half), outer(otherHalf)], { type: "multipolygon", landuse: "forest" });
  const [c, d] = [world.node(1, -1), world.node(-1, 1)];
  const reaching = world.way([c, world.node(1, 1), d]);
  const beyond = world.way([d, world.node(-1, -1), c]);
  world.relation([outer(reaching), outer(beyond)], { type: "multipolygon", landuse: "farmland" });
  return world;
}

const WHOLE = {
  path: "way/1 lines highway=path line (0.5 0.5,1.5 0.5,3 1,1.5 1.5,0.5 1.5)",
  track: "way/2 lines highway=track line (-1 1.8,3 1.8)",
  building: "way/4 polygons building=yes multiPolygon (1 1,1.5 1,1.5 1.5,1 1.5,1 1)",
  water: "way/5 polygons natural=water multiPolygon (1.5 1,2.4 1,2.4 1.9,1.5 1.9,1.5 1)",
  forest: "relation/1 polygons landuse=forest,type=multipolygon multiPolygon (-3 0.2,0.2 0.2,1 0.4,0.2 3,-3 3,-3 0.2)",
  farmland: "relation/2 polygons landuse=farmland,type=multipolygon multiPolygon (-1 -1,1 -1,1 1,-1 1,-1 -1)",
};
const BENCH = "node/1 points amenity=bench point (1 1)";

describe.each(AREAS)("at the edge of a %s", (_kind, area) => {
  test("smart keeps ways whole, and areas with the ways that lie beyond", async () => {
    expect(await importClipped(edgeWorld(), "smart", area)).toEqual({
      features: [BENCH, ...Object.values(WHOLE)].toSorted(),
      told: [],
    });
  });

  test("complete ways keeps ways whole, and areas of those that have a part in it", async () => {
    const { farmland: _, ...kept } = WHOLE;
    expect(await importClipped(edgeWorld(), "completeWays", area)).toEqual({
      features: [BENCH, ...Object.values(kept)].toSorted(),
      told: ["relation/2 incomplete"],
    });
  });

  test("simple keeps the parts of lines between places within, and areas that lie within; those that are cut are told", async () => {
    expect(await importClipped(edgeWorld(), "simple", area)).toEqual({
      features: [
        BENCH,
        "way/1 lines highway=path line (0.5 0.5,1.5 0.5)",
        "way/1 lines highway=path line (1.5 1.5,0.5 1.5)",
        WHOLE.building,
      ],
      told: ["way/5 incomplete", "relation/1 incomplete", "relation/2 incomplete"],
    });
  });
});
