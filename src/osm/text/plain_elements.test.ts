import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { BlockBuilder } from "../block_builder.ts";
import { PlainElements } from "./plain_elements.ts";

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

/** Reads until an element is none. @returns how many times, and the builder */
function readAll(written: string, limit?: number): { reads: number; end: number; builder: BlockBuilder } {
  const builder = new BlockBuilder();
  const plain = new PlainElements();
  const bytes = Buffer.from(written);
  let [reads, end] = [0, 0];
  for (let next = 0; next !== -1; next = plain.read(bytes, end + (reads === 0 ? 0 : 1), builder, limit)) {
    if (next > 0) [reads, end] = [reads + 1, next];
  }
  return { reads, end, builder };
}

describe("many elements with commas between them", () => {
  const nodeOf = (i: number, more: object = {}): string =>
    JSON.stringify({ type: "node", id: i, lat: (10_000 + i) / 1e4, lon: (-10_000 - i) / 1e4, ...more });
  const allExpected = (elements: readonly string[]): string[] => {
    const { elements: parsed } = JSON.parse(`{"elements":[${elements.join(",")}]}`) as { elements: Element[] };
    const builder = new BlockBuilder();
    for (const { type, id: number, lat = 0, lon = 0, nodes = [], tags: pairs = {} } of parsed)
      if (type === "node") builder.addNode(number, lon, lat, Object.entries(pairs));
      else builder.addWay(number, nodes, Object.entries(pairs));
    return listObjects(builder.finish());
  };

  test("are read at once", () => {
    const elements = [nodeOf(1), nodeOf(2, { tags: { a: "b" } }), '{"type":"way","id":3,"nodes":[1,2,4,1]}', nodeOf(4)];
    const { reads, builder } = readAll(elements.join(" ,\n "));
    expect(reads).toBe(1);
    expect(listObjects(builder.finish())).toEqual(allExpected(elements));
  });

  test("are read as far as the limit, and up to one that is not plain", () => {
    const elements = Array.from({ length: 10 }, (_, i) => nodeOf(i));
    expect(readAll(elements.join(","), 4).reads).toBe(3);
    const broken = [...elements.slice(0, 3), nodeOf(7, { tags: { a: "\n" } }), ...elements];
    const { end, builder } = readAll(broken.join(","));
    expect(end).toBe(broken.slice(0, 3).join(",").length);
    expect(builder.count).toBe(3);
  });

  test.each([
    ["elements", 20_000, () => ({})],
    ["texts", 20_000, (i: number) => ({ tags: { [`key ${i}`]: `value ${i % 7}` } })],
    [
      "tags",
      3000,
      (i: number) => ({
        tags: Object.fromEntries(Array.from({ length: 60 }, (_, k) => [`k${k}`, String((i + k) % 9)])),
      }),
    ],
  ])("are more %s than there is room for at once", (_what, count, more) => {
    const elements = Array.from({ length: count }, (_, i) => nodeOf(i, more(i)));
    const { reads, builder } = readAll(elements.join(","));
    expect(reads).toBeGreaterThan(1);
    expect(listObjects(builder.finish())).toEqual(allExpected(elements));
  });

  test("are more refs than there is room for at once; a way of more is left to the long way", () => {
    const way = (count: number): string =>
      JSON.stringify({ type: "way", id: count, nodes: Array.from({ length: count }, (_, i) => 5_000_000_000 + i) });
    const elements = Array.from({ length: 100 }, () => way(2000));
    const { reads, builder } = readAll(elements.join(","));
    expect(reads).toBeGreaterThan(2);
    expect(listObjects(builder.finish())).toEqual(allExpected(elements));
    expect(readAll(way(65_536)).end).toBe(way(65_536).length);
    expect(readAll(way(65_537)).end).toBe(0);
  });

  test("have their own texts, whichever reader had the same bytes before", () => {
    const bytes = Buffer.from([nodeOf(1, { tags: { a: "b" } }), nodeOf(2, { tags: { c: "a" } })].join(","));
    const [first, second] = [new PlainElements(), new PlainElements()];
    const [one, other] = [new BlockBuilder(), new BlockBuilder()];
    const next = first.read(bytes, 0, one, 1) + 1;
    expect(second.read(bytes, next, other)).toBe(bytes.length);
    expect(first.read(bytes, next, one)).toBe(bytes.length);
    const texts = (builder: BlockBuilder): string[] =>
      listObjects(builder.finish()).map((object) => object.split(" ")[2]!);
    expect([texts(one), texts(other)]).toEqual([["a=b", "c=a"], ["c=a"]]);
  });

  test("have each text once, whether it came before, from another input or to another builder", () => {
    const plain = new PlainElements();
    const tagged = Buffer.from(nodeOf(1, { tags: { building: "yes", "name:é": "building" } }));
    for (const builder of [new BlockBuilder(), new BlockBuilder()]) {
      builder.addNode(7, 1, 2, [["building", "no"]]);
      for (const bytes of [tagged, Buffer.from(tagged), tagged])
        expect(plain.read(bytes, 0, builder)).toBe(tagged.length);
      const { strings } = builder.finish();
      expect(strings).toEqual(["building", "no", "yes", "name:é"]);
    }
  });
});
