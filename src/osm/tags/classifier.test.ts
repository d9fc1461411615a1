import { describe, expect, test } from "vitest";
import { deniesArea, findAreaRule, impliesArea } from "./area_rule.ts";
import { Classifier } from "./classifier.ts";
import { describeLayers, GEOMETRY, planLayers, type LayerOptions } from "./layer_plan.ts";
import { planFinder } from "./text_classifier.ts";

type Tags = Readonly<Record<string, string>>;

function themeOf(tags: Tags, options: Partial<LayerOptions> = {}): string | null {
  const plan = planLayers({ scheme: "theme", ...options });
  const theme = planFinder(plan)(Object.entries(tags));
  return theme === null ? null : (plan.themes[theme] ?? "?");
}

function isArea(tags: Tags): boolean {
  const strings = Object.entries(tags).flat();
  const indices = Uint32Array.from(strings.keys());
  return new Classifier(planLayers({ scheme: "geometry" }), strings).isArea(indices, 0, indices.length);
}

describe("a closed way", () => {
  test.each<Tags>([
    { building: "yes" },
    { "building:part": "yes" },
    { landuse: "forest" },
    { amenity: "school" },
    { natural: "water" },
    { waterway: "riverbank" },
    { highway: "rest_area" },
    { highway: "pedestrian", area: "yes" },
    { railway: "platform" },
    { barrier: "hedge" },
    { power: "substation" },
    { man_made: "pier" },
    { aeroway: "aerodrome" },
    { place: "square" },
    { indoor: "room" },
    { highway: "footway", leisure: "park" },
  ])("with %o is an area", (tags) => expect(isArea(tags)).toBe(true));

  test.each<Tags>([
    {},
    { name: "x" },
    { highway: "residential" },
    { highway: "pedestrian" },
    { junction: "roundabout", highway: "primary" },
    { natural: "coastline" },
    { natural: "cliff" },
    { natural: "tree_row" },
    { waterway: "river" },
    { barrier: "fence" },
    { railway: "rail" },
    { power: "line" },
    { man_made: "pipeline" },
    { aeroway: "taxiway" },
    { building: "no" },
    { area: "no" },
    { building: "yes", area: "no" },
    { leisure: "track", area: "no" },
    { constructor: "x", toString: "y" },
  ])("with %o is a line", (tags) => expect(isArea(tags)).toBe(false));

  test("is judged by keys and values alone", () => {
    expect([
      impliesArea("any", "no"),
      findAreaRule("__proto__") !== null,
      deniesArea("area", "no"),
      deniesArea("area", "yes"),
    ]).toEqual([false, false, true, false]);
  });
});

describe("the theme of an object", () => {
  test("is that of the first filter that fits", () => {
    expect(themeOf({ amenity: "school", building: "school" })).toBe("building");
    expect(themeOf({ building: "school", amenity: "school" }, { tags: "amenity,building" })).toBe("amenity");
    expect(themeOf({ "building:part": "yes" })).toBe("building");
    expect(themeOf({ "building:part": "yes" }, { scheme: "geometry" })).toBe("");
  });

  test("is another one when no filter fits and everything is wanted", () => {
    expect(themeOf({ name: "x" })).toBe("other");
    expect(themeOf({ source: "x" })).toBeNull();
    expect(themeOf({ building: "no" })).toBeNull();
    expect(themeOf({})).toBeNull();
  });

  test("is none when no filter fits and only those are wanted", () => {
    const tags = "building,natural=water|wetland";
    expect(themeOf({ name: "x" }, { tags })).toBeNull();
    expect(themeOf({ natural: "wood" }, { tags })).toBeNull();
    expect(themeOf({ natural: "wetland" }, { tags })).toBe("natural");
    expect(themeOf({ building: "no" }, { tags })).toBeNull();
    // Whoever asks for it by its name gets it.
    expect(themeOf({ building: "no" }, { tags: "building=no" })).toBe("building");
  });
});

describe("layers", () => {
  test("are three for each theme, or three", () => {
    const names = (options: LayerOptions): string[] =>
      describeLayers(planLayers(options), new Map(), new Map()).map(({ name }) => name);
    expect(names({ scheme: "theme", tags: "building,building:part,addr:street", sea: true })).toEqual([
      "building_points",
      "building_lines",
      "building_polygons",
      "addr_street_points",
      "addr_street_lines",
      "addr_street_polygons",
      "sea_points",
      "sea_lines",
      "sea_polygons",
    ]);
    expect(names({ scheme: "geometry" })).toEqual(["points", "lines", "polygons"]);
  });

  test("have names that a table may have, whatever the key is", () => {
    const plan = planLayers({ scheme: "theme", tags: `日本,3dshapes:x,${"k".repeat(99)}` });
    for (const { name } of describeLayers(plan, new Map(), new Map())) expect(name).toMatch(/^[a-z][a-z0-9_]{0,60}$/);
  });

  test("have no column for a key with a NUL in it, as no name of a column may have one", () => {
    const use = new Map([
      [
        0,
        new Map([
          ["k\0x", 5],
          ["kind", 5],
        ]),
      ],
    ]);
    const [points] = describeLayers(planLayers({ scheme: "geometry" }), use, new Map([[0, 5]]));
    expect(points?.tagKeys).toEqual(["name", "kind"]);
  });

  test("have columns for keys that are used much, by use and then by name, 24 at the most", () => {
    const plan = planLayers({ scheme: "theme", tags: "shop" });
    const layer = GEOMETRY.point;
    const use = new Map([
      [
        layer,
        new Map([
          ["brand", 30],
          ["addr:city", 30],
          ["rare", 1],
          ["phone", 2],
        ]),
      ],
    ]);
    expect(describeLayers(plan, use, new Map([[layer, 100]]))[layer]?.tagKeys).toEqual([
      "name",
      "shop",
      "addr:city",
      "brand",
      "phone",
    ]);
    const many = new Map(Array.from({ length: 99 }, (_, i) => [`k${i}`, 100] as const));
    expect(describeLayers(plan, new Map([[layer, many]]), new Map([[layer, 100]]))[layer]?.tagKeys).toHaveLength(24);
  });

  test("of buildings have what a 3D tool needs", () => {
    const [, , polygons] = describeLayers(planLayers({ scheme: "theme", tags: "building" }), new Map(), new Map());
    expect(polygons?.columns.map(({ name }) => name)).toEqual([
      "osm_id",
      "osm_type",
      "height_m",
      "min_height_m",
      "roof_height_m",
      "levels",
      "min_level",
      "roof_levels",
    ]);
    expect(polygons?.tagKeys).toContain("roof:shape");
  });
});
