import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { BlockBuilder } from "../block_builder.ts";
import { PlainElements } from "./plain_element.ts";

interface Element {
  readonly type: "node" | "way";
  readonly id: number;
  readonly lat?: number;
  readonly lon?: number;
  readonly nodes?: readonly number[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** What `JSON.parse` makes of the text, in the long way's words. */
function expected(text: string): string[] {
  const { type, id, lat = 0, lon = 0, nodes = [], tags = {} } = JSON.parse(text) as Element;
  const builder = new BlockBuilder();
  if (type === "node") builder.addNode(id, lon, lat, Object.entries(tags));
  else builder.addWay(id, nodes, Object.entries(tags));
  return listObjects(builder.finish());
}

function readPlain(text: string, behind = ",{"): { end: number; objects: string[] } {
  const builder = new BlockBuilder();
  const end = new PlainElements().read(Buffer.from(text + behind), 0, builder);
  return { end, objects: listObjects(builder.finish()) };
}

const degrees = (limit: number): fc.Arbitrary<number> =>
  fc.integer({ min: -limit * 1e7, max: limit * 1e7 }).map((units) => units / 1e7);
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string(), fc.constantFrom("node", "lat", '"', "\\", "é"));
const tags = fc.dictionary(text, text, { maxKeys: 5 });
const id = fc.oneof(fc.maxSafeInteger(), fc.integer());
const node = fc.record(
  { type: fc.constant("node"), id, lat: degrees(90), lon: degrees(180), timestamp: fc.string(), uid: id, tags },
  { requiredKeys: ["type", "id", "lat", "lon"] },
);
const way = fc.record({ type: fc.constant("way"), id, nodes: fc.array(id), tags });
const shuffled = (element: object): fc.Arbitrary<object> =>
  fc.shuffledSubarray(Object.entries(element), { minLength: Object.keys(element).length }).map(Object.fromEntries);
const blanks = fc.constantFrom(undefined, 1, 4, "\t");

describe("an element in plain words", () => {
  test("is what JSON.parse makes of it, or is left to the long way", () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.oneof(node, way).chain(shuffled), blanks, (element, indent) => {
        const written = JSON.stringify(element, null, indent);
        const { end, objects } = readPlain(written);
        expect([-1, Buffer.byteLength(written)]).toContain(end);
        expect(objects).toEqual(end === -1 ? [] : expected(written));
        if (end !== -1) plain += 1;
      }),
      { numRuns: 1000 },
    );
    // Those with escapes, keys like numbers (which an object puts in front) and the like are not.
    expect(plain).toBeGreaterThan(200);
  });

  test.each([
    '{"type":"node","id":1,"lat":1,"lon":1}',
    '{"type":"node","id":-0,"lat":-0.0000001,"lon":180}',
    ' { "type" : "way" , "id" : 2 , "nodes" : [ ] , "tags" : { } } '.trim(),
    '{"type":"way","id":9007199254740991,"nodes":[1,-2],"tags":{"name":"Café ☕","a":""},"user":"x","version":3}',
  ])("is read: %s", (written) => {
    expect(readPlain(written)).toEqual({ end: Buffer.byteLength(written), objects: expected(written) });
  });

  test.each([
    '{"type":"node","id":1,"lat":1,"lon":1,"lon":2}',
    '{"type":"node","id":1,"lat":1.12345678,"lon":1}',
    '{"type":"node","id":1,"lat":1e1,"lon":1}',
    '{"type":"node","id":1,"lat":01,"lon":1}',
    '{"type":"node","id":1,"lat":1.,"lon":1}',
    '{"type":"node","id":1,"lat":.5,"lon":1}',
    '{"type":"node","id":1,"lat":- 1,"lon":1}',
    '{"type":"node","id":1,"lat":91,"lon":1}',
    '{"type":"node","id":1,"lat":1,"lon":180.0000001}',
    '{"type":"node","id":9007199254740992,"lat":1,"lon":1}',
    '{"type":"node","id":1.5,"lat":1,"lon":1}',
    '{"type":"node","id":1}',
    '{"type":"node","id":1,"lat":1,"lon":1,"nodes":[1]}',
    '{"type":"node","id":1,"lat":1,"lon":1,"tags":{"a":"1","a":"2"}}',
    '{"type":"node","id":1,"lat":1,"lon":1,"tags":{"a":1}}',
    '{"type":"node","id":1,"lat":1,"lon":1,"tags":{"a":"\\n"}}',
    '{"type":"node","id":1,"lat":1,"lon":1,"tags":{"a":"\n"}}',
    '{"type":"node","id":1,"lat":1,"lon":1,}',
    '{"type":"node","id":1,"lat":1,"lon":1]',
    '{"type":"relation","id":1,"members":[]}',
    '{"type":"way","id":1}',
    '{"type":"way","id":1,"nodes":[1,]}',
    '{"type":"way","id":1,"nodes":[1],"geometry":[{"lat":1,"lon":1}]}',
    '{"type":"way","id":1,"nodes":[1],"lat":1}',
    "{}",
    "7",
  ])("is none: %s", (written) => {
    expect(readPlain(written)).toEqual({ end: -1, objects: [] });
  });

  test("that is cut anywhere is none", () => {
    const written = '{"type":"node","id":12,"lat":1.5,"lon":10,"tags":{"name":"Café","a":"b"}}';
    const bytes = Buffer.from(written);
    for (let length = 0; length < bytes.length; length++) {
      const builder = new BlockBuilder();
      expect(new PlainElements().read(bytes.subarray(0, length), 0, builder)).toBe(-1);
      expect(builder.count).toBe(0);
    }
  });
});
