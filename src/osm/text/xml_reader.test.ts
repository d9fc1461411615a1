import { describe, expect, test } from "vitest";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { worldBlock, worldXml } from "../../../test/support/osm_world.ts";
import { bytewise, cutsOf, readPieces } from "../../../test/support/read_text.ts";
import { MAX_OBJECT_BYTES, PARTS_PER_BLOCK, type DocumentFacts } from "./text_reader.ts";
import { XmlReader } from "./xml_reader.ts";

const DOCUMENT = `<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="test">
 <note>Not for us</note><meta osm_base="2026-01-01T00:00:00Z"/>
 <bounds minlat="1" minlon="1" maxlat="2" maxlon="2"/>
 <!-- a comment with <node id="99"/> -->
 <node id="1" lat="43.7" lon="7.4" version="3" user="x"><tag k="name" v="Caf&#xe9; &quot;&lt;☕&gt;&quot; &amp; 日本&#10;"/></node>
 <node id='-2' lat='-0.5' lon='1e-1' action='modify'/>
 <node id="3" visible="false"/>
 <node id="4" lat="1" lon="1" action="delete"/>
 <way id="5"><nd ref="1"/><nd ref="-2"/><tag k="highway" v="path"/><tag k="empty"/></way>
 <way id="6" visible="false"><nd ref="1"/></way>
 <relation id="7"><member type="way" ref="5" role="outer"/><member type="node" ref="1"/><tag k="type" v="multipolygon"/></relation>
 <changeset id="8"><tag k="comment" v="no object"/></changeset>
</osm>
`;
const OBJECTS = [
  'n1 7.4,43.7 name=Café "<☕>" & 日本\n',
  "n-2 0.1,-0.5",
  "w5 1,-2 highway=path empty=",
  "r7 way 5 outer, node 1 type=multipolygon",
].map((text) => text.trim());

function read(text: string | Uint8Array): { objects: string[]; facts: DocumentFacts } {
  const { blocks, facts } = readPieces(new XmlReader(), [Buffer.from(text)]);
  return { objects: listObjects(...blocks), facts };
}

const wrap = (inner: string): string => `<osm version="0.6">${inner}</osm>`;

describe("XML", () => {
  test("gives its objects, without those that are or will be deleted", () => {
    const { objects, facts } = read(DOCUMENT);
    expect(objects).toEqual(OBJECTS);
    expect(facts).toEqual({ dataTimeMs: Date.UTC(2026, 0, 1), remark: null });
  });

  test("may come in pieces that are cut anywhere, within a character too", () => {
    for (const pieces of cutsOf(Buffer.from(DOCUMENT)))
      expect(listObjects(...readPieces(new XmlReader(), pieces).blocks)).toEqual(OBJECTS);
    expect(listObjects(...readPieces(new XmlReader(), bytewise(Buffer.from(DOCUMENT))).blocks)).toEqual(OBJECTS);
  });

  test("of a whole town is the town, in blocks that are not too large", () => {
    const world = makeGridWorld(45);
    const { blocks } = readPieces(new XmlReader(), [Buffer.from(worldXml(world))]);
    expect(blocks.length).toBeGreaterThan(1);
    expect(listObjects(...blocks).toSorted()).toEqual(listObjects(worldBlock(world)).toSorted());
  });

  test("with history has the newest version of each object, and none that was deleted", () => {
    const node = (id: number, version: number, more: string): string =>
      `<node id="${id}" version="${version}" ${more}/>`;
    const [here, there, gone] = ['lat="1" lon="2"', 'lat="3" lon="4"', 'visible="false"'];
    const nodes = [node(1, 1, here), node(1, 2, there), node(2, 1, here), node(2, 2, gone), node(3, 1, gone)];
    const others = [node(3, 2, here), node(4, 10, here), node(4, 9, gone), node(5, 1, gone), node(5, 2, gone)];
    const way = '<way id="5" version="1"><nd ref="1"/></way><way id="5" version="2"><nd ref="4"/></way>';
    expect(read(wrap([...nodes, ...others, way].join(""))).objects).toEqual(["n1 4,3", "n3 2,1", "n4 2,1", "w5 4"]);
  });

  test("with places has ways and ways of members with them", () => {
    const corners =
      '<nd ref="1" lat="1" lon="2"/><nd ref="2" lat="3" lon="4"/><nd ref="3"/><nd ref="1" lat="1" lon="2"/>';
    const member = `<member type="way" ref="5" role="outer">${corners.replaceAll(/ref="\d" /g, "")}</member>`;
    const others = '<member type="node" ref="1" role="x" lat="1" lon="2"/><member type="way" ref="6" role=""/>';
    const { objects } = read(
      wrap(`<way id="4">${corners}</way><relation id="7">${member}${others}</relation><way id="8"><nd ref="9"/></way>`),
    );
    expect(objects).toEqual([
      "w4 1@2,1 2@4,3 3@? 1@2,1",
      `w5 -${2 ** 52}@2,1 -${2 ** 52 + 1}@4,3 -${2 ** 52 + 2}@? -${2 ** 52}@2,1`,
      "w8 9@?",
      "r7 way 5 outer, node 1 x, way 6",
    ]);
  });

  test("of few objects with many nodes and members comes in blocks that are not too large", () => {
    const corners = '<nd ref="1"/>'.repeat(PARTS_PER_BLOCK / 4);
    const members = '<member type="node" ref="1" role=""/>'.repeat(PARTS_PER_BLOCK / 4);
    const objects = [1, 2, 3].map((id) => `<way id="${id}">${corners}</way>`);
    objects.push(...[1, 2, 3].map((id) => `<relation id="${id}">${members}</relation>`));
    const { blocks } = readPieces(new XmlReader(), [Buffer.from(wrap(objects.join("")))]);
    expect(blocks.map(({ ways, relations }) => [ways.count, relations.count])).toEqual([
      [3, 1],
      [0, 2],
    ]);
  });

  test("in an encoding that nobody knows is not guessed at", () => {
    const text = `<?xml version="1.0" encoding="klingon"?>${wrap("")}`;
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "osm.unsupported" }));
    expect(() => read(text)).toThrow("iconv -f klingon -t UTF-8");
  });

  test("may have nodes without a place", () => {
    expect(read(wrap('<node id="1"><tag k="a" v="b"/></node>')).objects).toEqual(["n1 ? a=b"]);
  });

  test.each([
    ["iso-8859-1", "latin1", []],
    ["windows-1251", "latin1", []],
    ["UTF-8", "utf8", [0xef, 0xbb, 0xbf]],
    ["UTF-16", "utf16le", [0xff, 0xfe]],
    ["utf-16", "utf16le", []],
  ] as const)("is read in its own encoding, %s", (declared, encoding, mark) => {
    const text = `<?xml version="1.0" encoding="${declared}"?>${wrap('<node id="1" lat="1" lon="2"><tag k="a" v="bäü"/></node>')}`;
    const bytes = Buffer.concat([Buffer.from(mark), Buffer.from(text, encoding)]);
    const expected = [declared === "windows-1251" ? "n1 2,1 a=bдь" : "n1 2,1 a=bäü"];
    expect(read(bytes).objects).toEqual(expected);
    expect(listObjects(...readPieces(new XmlReader(), bytewise(bytes)).blocks)).toEqual(expected);
    if (encoding === "utf16le") expect(read(bytes.swap16()).objects).toEqual(expected);
  });

  test("has a remark where the service gave up", () => {
    expect(read(wrap("<remark> runtime error: &lt;1&gt; </remark>")).facts.remark).toBe(" runtime error: <1> ");
    expect(read(wrap(`<remark>${"x".repeat(9000)}</remark>`)).facts.remark).toHaveLength(2000);
  });

  test("may be empty, begin with a mark of its byte order, and have no time", () => {
    expect(read("\uFEFF<osm/>")).toEqual({ objects: [], facts: { dataTimeMs: null, remark: null } });
  });
});

describe("XML that is not whole", () => {
  test("is truncated wherever it ends, but behind its root", () => {
    const end = DOCUMENT.lastIndexOf("</osm>") + 6;
    const bytes = Buffer.from(DOCUMENT);
    for (let length = 0; length < Buffer.byteLength(DOCUMENT.slice(0, end)); length++)
      expect(() => read(bytes.subarray(0, length)), `${length}`).toThrow(
        expect.objectContaining({ code: "osm.truncated" }),
      );
  });
});

describe("XML that is none of OpenStreetMap", () => {
  test.each([
    ["another root", "<gpx/>", "<gpx>"],
    ["changes", "<osmChange version='0.6'/>", "<osmChange>"],
    ["a document type", `<!DOCTYPE osm [<!ENTITY a "b">]>${wrap("")}`, "document type"],
    ["an entity of its own", wrap("<node id='1' lat='1' lon='1'><tag k='a' v='&b;'/></node>"), "entity"],
    ["tags that do not match", wrap("<node id='1' lat='1' lon='1'></way>"), "something else"],
    ["two roots", `${wrap("")}${wrap("")}`, "something else"],
    ["elements in elements", wrap("<a>".repeat(20)), "without end"],
    ["a node outside of the world", wrap("<node id='1' lat='91' lon='1'/>"), "outside of the world in <node>"],
    ["a node in a way", wrap("<way id='1'><node id='2' lat='1' lon='1'/></way>"), "<node> within <way>"],
    ["a number that is none", wrap("<node id='1' lat='0x10' lon='1'/>"), 'lat="0x10"'],
    ["half a place", wrap("<node id='1' lon='1'/>"), "<node> without lat"],
    ["a corner outside of the world", wrap("<way id='1'><nd ref='1' lat='1' lon='181'/></way>"), "in <nd>"],
    ["a place that is none", wrap("<node id='1' lat='NaN' lon='Infinity'/>"), 'lon="Infinity"'],
    ["an object without an id", wrap("<way/>"), "<way> without id"],
    ["an id that is no whole number", wrap("<way id='1.5'/>"), 'id="1.5"'],
    ["an id that is too large", wrap("<way id='99999999999999999999'/>"), "id="],
    ["a reference to nothing", wrap("<way id='1'><nd/></way>"), "<nd> without ref"],
    ["a member of an unknown type", wrap("<relation id='1'><member type='area' ref='1'/></relation>"), "'area'"],
    ["no XML", "osm", "something else"],
  ])("is invalid: %s", (_what, text, shown) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "osm.invalid" }));
    expect(() => read(text)).toThrow(shown);
  });

  test.each([
    ["an attribute", '<osm><node id="1" lat="1" lon="1"><tag k="'],
    ["a text", "<osm><note>"],
    ["a comment", "<osm><!-- "],
    ["an object", '<osm><way id="1">'],
  ])("%s without end is too large, before memory is", (what, begin) => {
    const reader = new XmlReader();
    const piece = Buffer.from((what === "an object" ? "<nd ref='1'/>" : "0123456789abc").repeat(300_000));
    const feedAll = (): void => {
      reader.feed(Buffer.from(begin));
      for (let bytes = 0; bytes < 2 * MAX_OBJECT_BYTES; bytes += piece.length) reader.feed(piece);
    };
    expect(feedAll).toThrow(expect.objectContaining({ code: "osm.tooLarge" }));
  });
});
