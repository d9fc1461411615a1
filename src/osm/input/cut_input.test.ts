import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FeatureCollector } from "../../../test/support/collect_features.ts";
import { makeGridWorld } from "../../../test/support/grid_world.ts";
import { listObjects } from "../../../test/support/osm_objects.ts";
import { overpassJson, worldJson, worldXml } from "../../../test/support/osm_world.ts";
import { readPieces } from "../../../test/support/read_text.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { importOsm } from "../import/import_osm.ts";
import { openPart } from "../import/osm_part.ts";
import { planLayers } from "../tags/layer_plan.ts";
import { JsonReader } from "../text/json_reader.ts";
import { XmlReader } from "../text/xml_reader.ts";
import { CutInput } from "./cut_input.ts";

const PIECE_BYTES = 3000;
const folder = useTempFolder();
const WORLD = worldJson(makeGridWorld(16));

interface Element {
  readonly type: string;
}

const elementsOf = (text: string): Element[] => (JSON.parse(text) as { elements: Element[] }).elements;
const compact = (text: string): string => JSON.stringify(JSON.parse(text));

function inputOf(text: string): CutInput {
  writeFileSync(folder.path("in.json"), text);
  return new CutInput(folder.path("in.json"), text.trimStart().startsWith("<") ? "xml" : "json", PIECE_BYTES);
}

async function readParts(input: CutInput): Promise<{ objects: string[]; pieces: number }> {
  const blocks = [];
  let pieces = 0;
  for await (const part of input.parts()) {
    if (part.kind === "text") pieces += 1;
    blocks.push(openPart(part));
  }
  return { objects: listObjects(...blocks).toSorted(), pieces };
}

function readWhole(text: string): string[] {
  return listObjects(...readPieces(new JsonReader(), [Buffer.from(text)]).blocks).toSorted();
}

async function featuresOf(input: CutInput): Promise<string[]> {
  const collector = new FeatureCollector();
  const plan = { layers: planLayers({ scheme: "geometry" }), area: null };
  await importOsm({ input, plan, openWriter: collector.open, threads: 2 });
  return collector.sorted();
}

async function featuresOfWhole(text: string): Promise<string[]> {
  const input = inputOf(text);
  input.stopGuessing();
  return featuresOf(input);
}

describe("a file of Overpass JSON", () => {
  test.each([
    ["as the service prints it", WORLD],
    ["on one line", compact(WORLD)],
    ["with a mark of its encoding", `\ufeff${WORLD}`],
    [
      "with texts that look like elements",
      overpassJson(
        elementsOf(WORLD).map((element) => ({
          ...element,
          tags: { note: '},{"type":"node","id":1}, {"type":"node","id":2},' },
        })),
      ),
    ],
  ])("is read in pieces with all its objects, %s", async (_what, text) => {
    const input = inputOf(text);
    const { objects, pieces } = await readParts(input);
    expect(objects).toEqual(readWhole(text.replace("\ufeff", "")));
    expect(pieces).toBeGreaterThan(10);
    expect(input.dataTimeMs).toBe(Date.UTC(2026, 0, 1));
  });

  test("gives the same features in pieces and as a whole", async () => {
    const features = await featuresOf(inputOf(WORLD));
    expect(features.length).toBeGreaterThan(100);
    expect(features).toEqual(await featuresOfWhole(WORLD));
  });

  test("has places of its own for geometry without ids, in whatever piece it stands", async () => {
    const ways = Array.from({ length: 1000 }, (_, i) => {
      const lon = i / 1000;
      const geometry = [
        { lat: 1, lon },
        { lat: 2, lon },
        { lat: 2, lon: lon + 0.001 },
      ];
      return { type: "way", id: i + 1, geometry, tags: { highway: "path" } };
    });
    const text = overpassJson(ways);
    const features = await featuresOf(inputOf(text));
    expect(features).toHaveLength(1000);
    expect(features).toEqual(await featuresOfWhole(text));
  });

  test("is read as a whole when the guess was wrong", async () => {
    const within = [1, 2, 3].map((id) => ({ type: "node", id, lat: 1, lon: 1 }));
    const text = overpassJson(elementsOf(WORLD).map((element) => ({ ...element, within })));
    await expect(readParts(inputOf(text))).rejects.toMatchObject({ code: "osm.invalid" });
    expect(await featuresOf(inputOf(text))).toEqual(await featuresOf(inputOf(WORLD)));
  });

  test("is read as a whole when elements begin in another way", async () => {
    const turned = elementsOf(WORLD).map(({ type, ...others }) => ({ ...others, type }));
    const text = overpassJson(turned);
    const input = inputOf(text);
    expect((await readParts(input)).pieces).toBe(0);
    expect(input.dataTimeMs).toBe(Date.UTC(2026, 0, 1));
    const half = overpassJson([...elementsOf(WORLD), ...turned]);
    expect(await featuresOf(inputOf(half))).toEqual(await featuresOfWhole(half));
  });

  test.each([
    ["cut short", WORLD.slice(0, -WORLD.length / 2), "osm.truncated"],
    ["damaged", WORLD.replace('"id": 300,', '"id": ,'), "osm.invalid"],
    [
      "given up by the service",
      overpassJson(elementsOf(WORLD), { remark: "runtime error: out of memory" }),
      "osm.truncated",
    ],
  ])("says the same as a whole of one that was %s", async (_what, text, code) => {
    const whole = await featuresOfWhole(text).catch((error: unknown) => error);
    expect(whole).toMatchObject({ code });
    const error = await featuresOf(inputOf(text)).catch((each: unknown) => each);
    expect(error).toMatchObject({ code, message: (whole as Error).message });
    expect(readFileSync(folder.path("in.json"), "utf8")).toBe(text);
  });
});

const XML = worldXml(makeGridWorld(16));

function readWholeXml(bytes: Uint8Array): string[] {
  return listObjects(...readPieces(new XmlReader(), [bytes]).blocks).toSorted();
}

describe("a file of XML", () => {
  test.each([
    ["as osmium prints it", XML],
    ["on one line", XML.replaceAll("\n", "")],
    ["with a mark of its encoding", `\ufeff${XML}`],
    ["with texts that look like objects", XML.replaceAll("<way", `<!-- --> <!-- x=">" --><way`)],
    ["with the time of its data", XML.replace("<node", '<meta osm_base="2026-01-01T00:00:00Z"/><node')],
  ])("is read in pieces with all its objects, %s", async (_what, text) => {
    const input = inputOf(text);
    const { objects, pieces } = await readParts(input);
    expect(objects).toEqual(readWholeXml(Buffer.from(text)));
    expect(pieces).toBeGreaterThan(10);
    expect(input.dataTimeMs).toBe(text.includes("osm_base") ? Date.UTC(2026, 0, 1) : null);
  });

  test("gives the same features in pieces and as a whole", async () => {
    const features = await featuresOf(inputOf(XML));
    expect(features.length).toBeGreaterThan(100);
    expect(features).toEqual(await featuresOfWhole(XML));
  });

  test("is read as a whole when a comment looks like an object", async () => {
    const text = XML.replaceAll(/<node/g, '<!-- <a/> <node id="1"/> <node id="2"/> <node id="3"/>--><node');
    await expect(readParts(inputOf(text))).rejects.toMatchObject({ code: "osm.invalid" });
    expect(await featuresOf(inputOf(text))).toEqual(await featuresOf(inputOf(XML)));
  });

  test("keeps the versions of an object in one piece", async () => {
    const versions = (id: number): string =>
      Array.from({ length: 40 }, (_, i) => `<node id="${id}" version="${i + 1}" lat="1" lon="${i}"/>`).join("\n");
    const text = `<osm version="0.6">\n${Array.from({ length: 100 }, (_, i) => versions(i + 1)).join("\n")}\n</osm>\n`;
    const { objects, pieces } = await readParts(inputOf(text));
    expect(pieces).toBeGreaterThan(10);
    expect(objects).toEqual(Array.from({ length: 100 }, (_, i) => `n${i + 1} 39,1`).toSorted());
  });

  test("in another encoding is read as a whole", async () => {
    const text = XML.replace("UTF-8", "ISO-8859-1").replaceAll(
      "<way",
      '<node id="-1" lat="1" lon="1"><tag k="é" v="ü"/></node><way',
    );
    writeFileSync(folder.path("in.xml"), text, "latin1");
    const { objects, pieces } = await readParts(new CutInput(folder.path("in.xml"), "xml", PIECE_BYTES));
    expect(pieces).toBe(0);
    expect(objects).toEqual(readWholeXml(Buffer.from(text, "latin1")));
    expect(objects).toContain("n-1 1,1 é=ü");
  });

  test.each([
    ["cut short", XML.slice(0, -XML.length / 2), "osm.truncated"],
    ["damaged", XML.replace('<node id="300"', '<node id="x"'), "osm.invalid"],
    ["given up by the service", XML.replace("</osm>", "<remark>runtime error: x</remark></osm>"), "osm.truncated"],
  ])("says the same as a whole of one that was %s", async (_what, text, code) => {
    const whole = await featuresOfWhole(text).catch((error: unknown) => error);
    expect(whole).toMatchObject({ code });
    const error = await featuresOf(inputOf(text)).catch((each: unknown) => each);
    expect(error).toMatchObject({ code, message: (whole as Error).message });
  });
});
