import type { LonLatBbox } from "../../src/geo/index.ts";
import { WorldBuilder, type OsmWorld } from "./osm_world.ts";

/** Degrees between streets. */
const STEP = 0.001;
const [WEST, SOUTH] = [10, 50];

/** Holds all of `makeGridWorld(size)`. */
export function gridWorldBox(size: number): LonLatBbox {
  return [WEST - STEP, SOUTH - STEP, WEST + (size + 3) * STEP, SOUTH + (size + 3) * STEP];
}

/**
 * A town of `size` x `size` blocks: a house in each, streets through all of it that share their nodes, cafes, forests with clearings out of several
 * ways that reach over block borders, a lake whose tags stand on its outer way, a boundary, a bus route.
 */
export function makeGridWorld(size: number): OsmWorld {
  const world = new WorldBuilder();
  addStreets(world, size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) addBlock(world, i, j);
  for (let i = 1; i < size; i += 5)
    for (let j = 1; j < size; j += 5) addForest(world, WEST + i * STEP, SOUTH + j * STEP);
  addLake(world);
  addBoundary(world, size);
  return world;
}

function addStreets(world: WorldBuilder, size: number): void {
  const crossings = Array.from({ length: size + 1 }, (_, i) =>
    Array.from({ length: size + 1 }, (_none, j) =>
      world.node(WEST + i * STEP, SOUTH + j * STEP, i % 4 === 0 && j % 4 === 0 ? { highway: "crossing" } : {}),
    ),
  );
  for (let i = 0; i <= size; i++) {
    const row = crossings.map((column) => column[i] as number);
    world.way(row, { highway: "residential", name: `Straße ${i}` });
    world.way(crossings[i] as number[], { highway: "service" });
  }
  const members = [1, 2].map((id) => ({ type: "way", id, role: "" }) as const);
  world.relation(members, { type: "route", route: "bus" });
  world.way([crossings[0]?.[0] as number, crossings[size]?.[size] as number], { waterway: "canal" });
}

function addBlock(world: WorldBuilder, i: number, j: number): void {
  const [west, south] = [WEST + (i + 0.3) * STEP, SOUTH + (j + 0.3) * STEP];
  const isHigh = (i + j) % 3 === 0;
  world.square(west, south, 0.4 * STEP, {
    building: "yes",
    ...(isHigh ? { height: "12 m", "building:levels": "4" } : {}),
  });
  if ((i * 7 + j) % 5 === 0) world.node(west, south - 0.1 * STEP, { amenity: "cafe", name: `"${i}" & <${j}>` });
}

/** Its outer ring is two ways, its hole is one. */
function addForest(world: WorldBuilder, west: number, south: number): void {
  const [a, b, c, d] = world.corners(west, south, 2.5 * STEP);
  const outer = [world.way([a, b, c]), world.way([c, d, a])];
  const inner = world.square(west + STEP, south + STEP, 0.2 * STEP, { natural: "scrub" });
  const members = [
    ...outer.map((id) => ({ type: "way", id, role: "outer" }) as const),
    { type: "way", id: inner, role: "inner" } as const,
  ];
  world.relation(members, {
    type: "multipolygon",
    landuse: "forest",
    name: `forest ${west.toFixed(3)} ${south.toFixed(3)}`,
  });
}

/** As until about 2014: the relation says nothing of what it is. */
function addLake(world: WorldBuilder): void {
  const outer = world.square(WEST + 0.1 * STEP, SOUTH + 0.1 * STEP, 1.7 * STEP, { natural: "water", name: "lake" });
  const inner = world.square(WEST + 1.1 * STEP, SOUTH + 1.1 * STEP, 0.1 * STEP);
  const members = [
    { type: "way", id: outer, role: "outer" },
    { type: "way", id: inner, role: "inner" },
  ] as const;
  world.relation(members, { type: "multipolygon" });
}

function addBoundary(world: WorldBuilder, size: number): void {
  const [a, b, c, d] = world.corners(WEST - STEP / 2, SOUTH - STEP / 2, (size + 1) * STEP);
  const sides = [
    [a, b],
    [b, c],
    [c, d],
    [d, a],
  ].map((nodes) => world.way(nodes));
  const members = sides.map((id) => ({ type: "way", id, role: "outer" }) as const);
  world.relation(members, { type: "boundary", boundary: "administrative", admin_level: "8", name: "town" });
}
