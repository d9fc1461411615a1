import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { worldCrs84Quad } from "../grid/index.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { arcgisSource, parseArcgis } from "./arcgis_source.ts";

const HALF = 20037508.342787;
const lods = Array.from({ length: 4 }, (_, level) => ({ level, resolution: (2 * HALF) / 256 / 2 ** level }));
const cached = {
  currentVersion: 11.1,
  mapName: "Layers",
  copyrightText: "C",
  singleFusedMapCache: true,
  tileInfo: { rows: 256, spatialReference: { wkid: 102100 }, origin: { x: -HALF, y: HALF }, lods },
};
const parse = (json: unknown): ReturnType<typeof parseArcgis> => parseArcgis(JSON.stringify(json));

describe("parseArcgis", () => {
  test("finds the levels of a web mercator cache", () => {
    expect(parse(cached)).toEqual({
      title: "Layers",
      attribution: "C",
      tiled: { minZoom: 0, maxZoom: 3, tileSize: 256, levelOffset: 0 },
    });
  });

  test("keeps to the levels that the cache really holds", () => {
    expect(parse({ ...cached, minLOD: 1, maxLOD: 2 }).tiled).toMatchObject({ minZoom: 1, maxZoom: 2 });
    expect(parse({ ...cached, minLOD: 9, maxLOD: 9 }).tiled).toBeNull();
  });

  const { tileInfo } = cached;
  test.each([
    ["no tileInfo", { tileInfo: undefined }],
    ["a cache that is not fused", { singleFusedMapCache: false }],
    ["another reference system", { tileInfo: { ...tileInfo, spatialReference: { wkid: 25832 } } }],
    ["another origin", { tileInfo: { ...tileInfo, origin: { x: 0, y: HALF } } }],
    [
      "levels that skip a number",
      { tileInfo: { ...tileInfo, lods: lods.map((lod) => ({ ...lod, level: lod.level * 2 })) } },
    ],
    ["no levels", { tileInfo: { ...tileInfo, lods: [] } }],
    ["levels that are null", { tileInfo: { ...tileInfo, lods: [null] } }],
  ])("exports with %s", (_name, change) => expect(parse({ ...cached, ...change }).tiled).toBeNull());

  test.each([
    ["an error in JSON", '{"error":{"code":499,"message":"Token Required"}}', "Token Required"],
    ["HTML", "<html>", "something else"],
    ["null", "null", "another document"],
    ["other JSON", '{"tiles":[]}', "another document"],
    ["an error of null", '{"error":null}', "another document"],
  ])("refuses %s", (_name, text, words) => {
    const error = expect.objectContaining({
      code: "source.invalid",
      message: expect.stringContaining(words) as string,
    });
    expect(() => parseArcgis(text)).toThrow(error);
  });

  test("any JSON is read or refused with a typed error", () => {
    const field = fc.constantFrom("error", "mapName", "currentVersion", "tileInfo", "minLOD", "singleFusedMapCache");
    const inner = fc.constantFrom("rows", "spatialReference", "origin", "lods");
    const value = fc.oneof(fc.jsonValue(), fc.dictionary(inner, fc.jsonValue()));
    fc.assert(
      fc.property(fc.dictionary(field, value), (json) => {
        try {
          expect(parse(json).title).toBeTypeOf("string");
        } catch (error) {
          expect(isTilthError(error, "source.invalid")).toBe(true);
        }
      }),
    );
  });
});

describe("arcgisSource", () => {
  const kit = useLoopback();

  async function pathOf(root: string, description: object, options = {}, tile = { z: 2, x: 3, y: 1 }): Promise<string> {
    const origin = await kit.origin();
    const separator = root.includes("?") ? "&" : "?";
    origin.on(`${root}${separator}f=json`, { body: JSON.stringify(description) }).onAny({ body: pngTile() });
    const source = await arcgisSource(origin.url(root), { client: kit.client(), ...options });
    expect((await source.fetchTile(tile)).kind).toBe("tile");
    return origin.paths()[1] ?? "";
  }

  test("asks a cache by level, row and column, with the token of its URL", async () => {
    expect(await pathOf("/rest/MapServer", cached)).toBe("/rest/MapServer/tile/2/1/3");
    expect(await pathOf("/rest/MapServer?token=t", cached)).toBe("/rest/MapServer/tile/2/1/3?token=t");
  });

  test.each([
    ["/MapServer/?f=pjson", "/MapServer/tile/2/1/3"],
    ["/MapServer?f=html&token=t", "/MapServer/tile/2/1/3?token=t"],
  ])("takes %s as it was copied from a browser", async (path, expected) => {
    const origin = await kit.origin();
    origin.onAny({ body: JSON.stringify(cached) }).on(expected, { body: pngTile() });
    const source = await arcgisSource(origin.url(path), { client: kit.client() });
    await source.fetchTile({ z: 2, x: 3, y: 1 });
    expect(origin.paths()[1]).toBe(expected);
  });

  test("exports each tile of a service without a cache", async () => {
    expect(await pathOf("/rest/MapServer", { currentVersion: 10 }, { layer: "1,2" })).toBe(
      "/rest/MapServer/export?bboxSR=3857&imageSR=3857&size=256,256&format=png32&transparent=true&f=image&layers=show:1,2&bbox=10018754.17139462,0,20037508.342789244,10018754.171394622",
    );
  });

  test("asks an ImageServer for exportImage, and geographic boxes as lon,lat", async () => {
    const options = { grid: worldCrs84Quad(), format: "jpg" };
    expect(await pathOf("/rest/ImageServer", { currentVersion: 10 }, options, { z: 1, x: 3, y: 0 })).toBe(
      "/rest/ImageServer/exportImage?bboxSR=4326&imageSR=4326&size=256,256&format=jpg&transparent=true&f=image&bbox=90,0,180,90",
    );
  });

  test("does not take a mercator cache for a geographic grid", async () => {
    const path = await pathOf("/rest/MapServer", cached, { grid: worldCrs84Quad() }, { z: 1, x: 3, y: 0 });
    expect(path).toMatch(/^\/rest\/MapServer\/export\?bboxSR=4326/);
  });

  test("tells of itself what the service says", async () => {
    const origin = await kit.origin();
    origin.on("/MapServer?f=json", { body: JSON.stringify(cached) });
    const source = await arcgisSource(origin.url("/MapServer"), { client: kit.client() });
    expect(source.info).toMatchObject({ kind: "arcgis", title: "Layers", attribution: "C", minZoom: 0, maxZoom: 3 });
  });
});

const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) {
  describe("real descriptions", () => {
    test.each([
      ["mapserver_SingleFusedMapCache", { minZoom: 15, maxZoom: 19, tileSize: 256, levelOffset: 0 }],
      ["mapserver_LayerWithTiles", null],
      ["mapserver_Dynamic_National_Map_Hydrography_and_Marine", null],
    ])("%s has the levels %j", (name, tiled) => {
      const text = readFileSync(join(realData, "capabilities/arcgis", `${name}.json`), "utf8");
      expect(parseArcgis(text).tiled).toEqual(tiled);
    });

    test("an ImageServer with a cache is read", () => {
      const text = readFileSync(join(realData, "capabilities/arcgis/imageserver_tile.json"), "utf8");
      expect(parseArcgis(text)).toMatchObject({
        title: "Some name",
        attribution: "Some copyright",
        tiled: { minZoom: 0, maxZoom: 19, tileSize: 256, levelOffset: 0 },
      });
    });
  });
}
