import { describe, expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { overpassJson, worldBlock, worldJson } from "../../../test/support/osm_world.ts";
import { bytewise, cutsOf, readPieces } from "../../../test/support/read_text.ts";
import { JsonReader } from "./json_reader.ts";
import { MAX_OBJECT_BYTES, type DocumentFacts } from "./text_reader.ts";

const ELEMENTS = [
  { type: "node", id: 1, lat: 43.7, lon: 7.4, tags: { name: 'Café "]}" \\ [{ ☕ \n 日本', elements: "[" } },
  { type: "node", id: -2, lat: -0.5, lon: 0.1 },
  { type: "way", id: 5, bounds: { minlat: 1 }, nodes: [1, -2], tags: { highway: "path" } },
  {
    type: "relation",
    id: 7,
    members: [
      { type: "way", ref: 5, role: "outer" },
      { type: "node", ref: 1, role: "" },
    ],
    tags: { type: "multipolygon" },
  },
];
const OBJECTS = [
  'n1 7.4,43.7 name=Café "]}" \\ [{ ☕ \n 日本 elements=[',
  "n-2 0.1,-0.5",
  "w5 1,-2 highway=path",
  "r7 way 5 outer, node 1 type=multipolygon",
];
const DOCUMENT = `{"version":0.6,"x":{"elements":[{"type":"node"}]},"y":[["elements",{"elements":[1]}]],"osm3s":{"timestamp_osm_base":"2026-01-01T00:00:00Z"},
"elements" : [ ${ELEMENTS.map((element) => JSON.stringify(element)).join(" ,\n")}\n], "z": ["elements", [{}]] }\n`;

function read(text: string | Uint8Array): { objects: string[]; facts: DocumentFacts } {
  const { blocks, facts } = readPieces(new JsonReader(), [Buffer.from(text)]);
  return { objects: listObjects(...blocks), facts };
}

const objectsOf = (...elements: object[]): string[] => read(overpassJson(elements)).objects;

describe("Overpass JSON", () => {
  test("gives its elements, whatever stands around them", () => {
    const { objects, facts } = read(DOCUMENT);
    expect(objects).toEqual(OBJECTS);
    expect(facts).toEqual({ dataTimeMs: Date.UTC(2026, 0, 1), remark: null });
  });

  test("may come in pieces that are cut anywhere", () => {
    for (const pieces of cutsOf(Buffer.from(DOCUMENT)))
      expect(listObjects(...readPieces(new JsonReader(), pieces).blocks)).toEqual(OBJECTS);
    expect(listObjects(...readPieces(new JsonReader(), bytewise(Buffer.from(DOCUMENT))).blocks)).toEqual(OBJECTS);
  });

  test("of a whole town is the town, in blocks that are not too large", () => {
    const world = makeGridWorld(45);
    const { blocks } = readPieces(new JsonReader(), [Buffer.from(worldJson(world))]);
    expect(blocks.length).toBeGreaterThan(1);
    expect(listObjects(...blocks).toSorted()).toEqual(listObjects(worldBlock(world)).toSorted());
  });

  test("may be empty, begin with a mark of its byte order, and have a remark", () => {
    expect(read('\uFEFF{"elements":[]}').objects).toEqual([]);
    expect(read(overpassJson([], { remark: "runtime error: 1" })).facts.remark).toBe("runtime error: 1");
  });

  test("of things without a place has them all the same, of counts and areas nothing", () => {
    const bare = [
      { type: "count", id: 0, tags: {} },
      { type: "area", id: 1 },
      { type: "node", id: 1 },
      { type: "way", id: 2, center: { lat: 1, lon: 1 } },
    ];
    expect(objectsOf(...bare)).toEqual(["n1 ?", "w2"]);
  });

  test("with centres has the lines, too", () => {
    expect(objectsOf({ type: "way", id: 1, center: { lat: 1, lon: 1 }, nodes: [1, 2] })).toEqual(["w1 1,2"]);
  });

  test("with geometry has ways with places, and rings where these say so", () => {
    const geometry = [{ lat: 1, lon: 2 }, { lat: 3, lon: 4 }, null, { lat: 1, lon: 2 }];
    expect(objectsOf({ type: "way", id: 1, nodes: [11, 12, 13, 11], geometry })).toEqual([
      "w1 11@2,1 12@4,3 13@? 11@2,1",
    ]);
    expect(objectsOf({ type: "way", id: 1, nodes: [11, 12], geometry })).toEqual(["w1 11@2,1 12@4,3"]);
    // Whoever has no ids of nodes has them made up; of the gap nobody knows where it is.
    expect(objectsOf({ type: "way", id: 1, geometry }, { type: "way", id: 2, nodes: [7, 8] })).toEqual([
      `w1 -${2 ** 52}@2,1 -${2 ** 52 + 1}@4,3 -${2 ** 52 + 2}@? -${2 ** 52}@2,1`,
      "w2 7@? 8@?",
    ]);
    expect(objectsOf({ type: "way", id: 1, geometry: geometry.slice(0, 2) })).toEqual([
      `w1 -${2 ** 52}@2,1 -${2 ** 52 + 1}@4,3`,
    ]);
    expect(objectsOf({ type: "way", id: 1, geometry: [null] })).toEqual([`w1 -${2 ** 52}`]);
  });

  test("with geometry of members has their ways", () => {
    const geometry = [
      { lat: 1, lon: 2 },
      { lat: 3, lon: 4 },
    ];
    const members = [
      { type: "way", ref: 5, role: "outer", geometry },
      { type: "node", ref: 6, role: "", lat: 1, lon: 1 },
    ];
    expect(objectsOf({ type: "relation", id: 1, members, tags: { type: "multipolygon" } })).toEqual([
      `w5 -${2 ** 52}@2,1 -${2 ** 52 + 1}@4,3`,
      "r1 way 5 outer, node 6 type=multipolygon",
    ]);
  });

  test("may have numbers where texts belong", () => {
    expect(objectsOf({ type: "node", id: 1, lat: 1, lon: 1, tags: { levels: 3, on: true } })).toEqual([
      "n1 1,1 levels=3 on=true",
    ]);
  });
});

describe("Overpass JSON that is not whole", () => {
  test("is truncated wherever it ends", () => {
    const bytes = Buffer.from(DOCUMENT.trimEnd());
    for (let length = 1; length < bytes.length; length++)
      expect(() => read(bytes.subarray(0, length)), `${length}`).toThrow(
        expect.objectContaining({ code: "osm.truncated" }),
      );
  });
});

describe("JSON that is none of Overpass", () => {
  const element = (text: string): string => `{"elements":[${text}]}`;

  test.each([
    ["GeoJSON", '{"type":"FeatureCollection","features":[]}'],
    ["elements that are no list", '{"elements":{}}'],
    ["elements under a key with escapes", '{"el\\u0065ments":[{"type":"node","id":1,"lat":1,"lon":1}]}'],
    ["two lists of elements", '{"elements":[],"elements":[{"type":"node","id":1,"lat":1,"lon":1}]}'],
    ["elements that are no objects", element("1,2")],
    ["texts as elements", element('"a"')],
    ["null as an element", element("null")],
    ["something behind the last element", element('{"type":"count"} x')],
    ["nothing between elements", element('{"type":"count"}{"type":"count"}')],
    ["brackets that do not match", '{"elements":[{"type":"node"]}}'],
    ["two documents", `${element("")}${element("")}`],
    ["an id that is no whole number", element('{"type":"node","id":1.5,"lat":1,"lon":1}')],
    ["an id that is a text", element('{"type":"way","id":"1","nodes":[]}')],
    ["a node outside of the world", element('{"type":"node","id":1,"lat":91,"lon":1}')],
    ["a place of texts", element('{"type":"node","id":1,"lat":"1","lon":"1"}')],
    ["nodes that are no list", element('{"type":"way","id":1,"nodes":{"length":9}}')],
    ["nodes that are no ids", element('{"type":"way","id":1,"nodes":[null]}')],
    ["geometry that is none", element('{"type":"way","id":1,"geometry":[7]}')],
    ["members that are none", element('{"type":"relation","id":1,"members":[null]}')],
    ["members of an unknown type", element('{"type":"relation","id":1,"members":[{"type":{"toString":1},"ref":1}]}')],
    [
      "roles that are no texts",
      element('{"type":"relation","id":1,"members":[{"type":"way","ref":1,"role":{"toString":1}}]}'),
    ],
    ["tags that are no texts", element('{"type":"node","id":1,"lat":1,"lon":1,"tags":{"a":{"toString":1}}}')],
  ])("is invalid: %s", (_what, text) =>
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "osm.invalid" })),
  );

  test("has nothing without end", () => {
    const feed =
      (begin: string, piece: string): (() => void) =>
      () => {
        const reader = new JsonReader();
        reader.feed(Buffer.from(begin));
        const bytes = Buffer.from(piece.repeat(4_000_000 / piece.length));
        for (let fed = 0; fed < 2 * MAX_OBJECT_BYTES; fed += bytes.length) reader.feed(bytes);
      };
    const tooLarge = expect.objectContaining({ code: "osm.tooLarge" });
    expect(feed('{"elements":[{"a":"', "x")).toThrow(tooLarge);
    expect(feed('{"elements":[{"a":', "[")).toThrow(tooLarge);
    expect(feed('{"x":"', "x")).toThrow(expect.objectContaining({ code: "osm.invalid" }));
  });

  test("of blanks between elements takes no longer than it is long", () => {
    const blanks = " ".repeat(4_000_000);
    const node = '{"type":"node","id":1,"lat":1,"lon":1}';
    expect(read(element(`${node}${blanks},${blanks}${node}`)).objects).toEqual(["n1 1,1", "n1 1,1"]);
  });
});
