import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { mvtTile } from "../../test/support/tile_bytes.ts";
import { parseTileJson, tileJsonSource } from "./tilejson_source.ts";

const BASE = "https://h/maps/t.json";
const parse = (json: object): ReturnType<typeof parseTileJson> => parseTileJson(JSON.stringify(json), BASE);
const tiles = ["https://h/{z}/{x}/{y}.pbf"];

describe("parseTileJson", () => {
  test("reads what is used, with the defaults of the specification", () => {
    expect(parse({ tiles })).toEqual({
      tiles,
      tms: false,
      minZoom: 0,
      maxZoom: 30,
      bounds: null,
      title: "",
      attribution: "",
    });
    const full = {
      tiles,
      scheme: "tms",
      minzoom: 2,
      maxzoom: 14,
      bounds: [-10, 40, 5, 50],
      name: "N",
      attribution: "A",
    };
    expect(parse(full)).toEqual({
      tiles,
      tms: true,
      minZoom: 2,
      maxZoom: 14,
      bounds: [-10, 40, 5, 50],
      title: "N",
      attribution: "A",
    });
  });

  test.each([
    ["{z}/{x}/{y}.pbf", "https://h/maps/{z}/{x}/{y}.pbf"],
    ["/tiles/{z}/{x}/{y}", "https://h/tiles/{z}/{x}/{y}"],
    ["../{z}/{x}/{y}?k=1", "https://h/{z}/{x}/{y}?k=1"],
    ["//other/{z}/{x}/{y}", "https://other/{z}/{x}/{y}"],
    ["HTTP://h/{z}/{x}/{y}", "HTTP://h/{z}/{x}/{y}"],
  ])("reads the URL %s against its own", (url, expected) => {
    expect(parse({ tiles: [url] }).tiles).toEqual([expected]);
  });

  test.each([
    ["text that is no JSON", "<html>"],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["no tiles", "{}"],
    ["an empty list", '{"tiles":[]}'],
    ["tiles that are no texts", '{"tiles":[1,null]}'],
    ["a tile URL of another scheme", '{"tiles":["file:///etc/{z}"]}'],
    ["zooms out of range", '{"tiles":["{z}"],"maxzoom":31}'],
    ["a negative zoom", '{"tiles":["{z}"],"minzoom":-1}'],
    ["half a zoom", '{"tiles":["{z}"],"minzoom":1.5}'],
    ["zooms the wrong way round", '{"tiles":["{z}"],"minzoom":5,"maxzoom":4}'],
    ["a zoom in words", '{"tiles":["{z}"],"maxzoom":"deep"}'],
  ])("refuses %s", (_name, text) => {
    expect(() => parseTileJson(text, BASE)).toThrow(expect.objectContaining({ code: "source.invalid" }));
  });

  test.each([[[1, 2, 3]], ["world"], [[0, 0, "x", 1]], [{}]])("takes bounds of %j for not said", (bounds) => {
    expect(parse({ tiles, bounds }).bounds).toBeNull();
  });

  test("any JSON is read or refused with a typed error", () => {
    const field = fc.constantFrom("tiles", "minzoom", "maxzoom", "bounds", "scheme", "name");
    fc.assert(
      fc.property(fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.constant(tiles))), (json) => {
        try {
          expect(parse(json).tiles.length).toBeGreaterThan(0);
        } catch (error) {
          expect(isTilthError(error, "source.invalid")).toBe(true);
        }
      }),
    );
  });
});

describe("tileJsonSource", () => {
  const kit = useLoopback();
  const folder = useTempFolder();

  test("over HTTP resolves relative URLs after redirects, and asks mirrors by their index", async () => {
    const origin = await kit.origin();
    const json = { tiles: ["a/{z}/{x}/{y}", "b/{z}/{x}/{y}"], scheme: "tms", maxzoom: 5, name: "Roads" };
    origin.on("/t.json", { status: 301, headers: { location: "/deep/t.json" } });
    origin.on("/deep/t.json", { body: JSON.stringify(json) }).on("/deep/b/2/1/3", { body: mvtTile() });
    const source = await tileJsonSource(origin.url("/t.json"), { client: kit.client() });
    expect(source.info).toMatchObject({ kind: "tilejson", title: "Roads", minZoom: 0, maxZoom: 5 });
    expect(source.hosts).toHaveLength(2);
    expect(await source.fetchTile({ z: 2, x: 1, y: 0 }, { host: 1 })).toMatchObject({ kind: "tile", format: "mvt" });
  });

  test("from a file gives a source of the URLs in it", async () => {
    writeFileSync(folder.path("t.json"), JSON.stringify({ tiles }));
    const source = await tileJsonSource(folder.path("t.json"));
    expect(source.info).toMatchObject({ id: tiles[0], title: "h" });
    expect(source.hosts.map(({ host }) => host)).toEqual(["h"]);
  });

  test("names the file that cannot be read", async () => {
    await expect(tileJsonSource(folder.path("none.json"))).rejects.toMatchObject({
      code: "source.invalid",
      message: expect.stringContaining("none.json") as string,
    });
  });

  test("hands on the status of a server that refuses", async () => {
    const origin = await kit.origin();
    origin.on("/t.json", { status: 403 });
    const opened = tileJsonSource(origin.url("/t.json"), { client: kit.client() });
    await expect(opened).rejects.toMatchObject({ code: "http.status", fields: { status: 403 } });
  });
});

const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) {
  describe("real TileJSON files", () => {
    const file = (name: string): string => join(realData, "capabilities/tilejson", name);

    test("of version 3.0.0 with mirrors opens", async () => {
      const source = await tileJsonSource(file("osm_tilejson_300.json"));
      expect(source.info).toMatchObject({ title: "OpenStreetMap", maxZoom: 18, bounds: [-180, -85, 180, 85] });
      expect(source.hosts.map(({ host }) => host[0])).toEqual(["a", "b", "c"]);
    });

    test("of TileMill is read", () => {
      const json = parseTileJson(readFileSync(file("ol_tilejson.json"), "utf8"), BASE);
      expect(json).toMatchObject({ title: "Geography Class", minZoom: 0, maxZoom: 8, tms: false });
      expect(json.tiles[0]).toMatch(/^http:\/\/a\.tiles\.mapbox\.com\/.*\{z\}\/\{x\}\/\{y\}\.png$/);
    });
  });
}
