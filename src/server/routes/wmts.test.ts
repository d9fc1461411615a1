import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getGrid } from "../../grid/index.ts";
import { HttpClient } from "../../net/index.ts";
import { openServiceSource } from "../../source/index.ts";
import { pngTile } from "../../../test/support/png_tile.ts";
import { createApp } from "../app.ts";
import { memoryCache } from "../fixtures/memory_cache.ts";
import { CacheRegistry } from "../served_cache.ts";

const TILE = { z: 2, x: 1, y: 1 };
const GRIDS = ["WebMercatorQuad", "WorldCRS84Quad", "EPSG:2056", "EPSG:3035", "EuropeanETRS89_LAEAQuad", "EPSG:4258"];

let registry: CacheRegistry;
let app: FastifyInstance;

beforeEach(async () => {
  registry = new CacheRegistry();
  for (const [index, grid] of GRIDS.entries()) {
    const named = { grid, title: `A & <b> "cache${index}"`, attribution: "© 'me'", format: "png" as const };
    registry.put(await memoryCache(`cache${index}`, TILE, await pngTile({ z: 0, x: index, y: 0 }), named));
  }
  app = await createApp({ registry });
});

afterEach(async () => {
  await app.close();
  await registry.close();
});

const kvp = (pairs: Record<string, string>): string => `/wmts?${new URLSearchParams(pairs).toString()}`;

const GET_TILE = {
  SERVICE: "WMTS",
  REQUEST: "GetTile",
  VERSION: "1.0.0",
  LAYER: "cache0",
  STYLE: "default",
  FORMAT: "image/png",
  TILEMATRIXSET: "WebMercatorQuad",
  TILEMATRIX: "2",
  TILEROW: "1",
  TILECOL: "1",
};

describe("the capabilities", () => {
  test.each(GRIDS.map((grid, index) => [grid, index] as const))(
    "describe a cache on %s so that its tiles are found again",
    async (name, index) => {
      const address = await app.listen({ host: "127.0.0.1", port: 0 });
      const client = new HttpClient();
      for (const url of [
        `${address}/wmts/1.0.0/WMTSCapabilities.xml`,
        `${address}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities`,
      ]) {
        const source = await openServiceSource(url, { client, layer: `cache${index}` });
        const [own, read] = [getGrid(name).getMatrix(TILE.z), source.info.grid.getMatrix(TILE.z)];
        expect(source.info.grid.crs.code).toBe(getGrid(name).crs.code);
        expect(read.pointOfOrigin[0]).toBeCloseTo(own.pointOfOrigin[0], 6);
        expect(read.pointOfOrigin[1]).toBeCloseTo(own.pointOfOrigin[1], 6);
        expect(read.cellSize / own.cellSize).toBeCloseTo(1, 9);
        const answer = await source.fetchTile(TILE);
        const stored = await registry.find(`cache${index}`)?.cache.getTile(TILE);
        expect(answer.kind === "tile" && Buffer.from(answer.data)).toEqual(Buffer.from(stored?.data ?? []));
        await source.close();
      }
      await client.close();
    },
  );

  test("write corners in the axis order of each CRS's authority", async () => {
    const { body } = await app.inject("/wmts/1.0.0/WMTSCapabilities.xml");
    const setOf = (crs: string): string =>
      body.split("<TileMatrixSet><ows:Identifier>").find((part) => part.includes(crs)) ?? "";
    const cornerOf = (crs: string): string => /<TopLeftCorner>(.*?)</.exec(setOf(`>${crs}<`))?.[1] ?? "";
    // EPSG 4258 is latitude, longitude; OGC CRS84 the other way round.
    expect(cornerOf("urn:ogc:def:crs:EPSG::4258")).toBe("90 -180");
    expect(cornerOf("urn:ogc:def:crs:OGC:1.3:CRS84")).toBe("-180 90");
    // EPSG 3035 is northing, easting.
    const [northing = 0, easting = 0] = cornerOf("urn:ogc:def:crs:EPSG::3035").split(" ").map(Number);
    expect([northing, easting]).toEqual(getGrid("EPSG:3035").getMatrix(0).pointOfOrigin.toReversed());
  });

  test("say on which levels there are tiles, and where", async () => {
    const served = registry.find("cache0");
    if (served === null) throw new Error("cache0 is not there");
    registry.update({ ...served, minZoom: 2, maxZoom: 3, extents: [{ z: 2, minX: 1, maxX: 2, minY: 0, maxY: 3 }] });
    const { body } = await app.inject("/wmts/1.0.0/WMTSCapabilities.xml");
    const [, link = ""] = /<ows:Identifier>cache0<.*?<TileMatrixSetLink>(.*?)<\/TileMatrixSetLink>/s.exec(body) ?? [];
    expect(link.match(/<TileMatrixLimits>/g)).toHaveLength(1);
    expect(link.replace(/<\/\w+>/g, "").match(/<(?:TileMatrix|M\w+)>\d+/g)).toEqual([
      "<TileMatrix>2",
      "<MinTileRow>0",
      "<MaxTileRow>3",
      "<MinTileCol>1",
      "<MaxTileCol>2",
    ]);
  });

  test("hold what people wrote, escaped", async () => {
    const { body, headers } = await app.inject("/wmts/1.0.0/WMTSCapabilities.xml");
    expect(headers["content-type"]).toMatch(/^application\/xml/);
    expect(body).toContain("A &amp; &lt;b&gt; &quot;cache0&quot;");
  });
});

describe("GetTile", () => {
  test.each([
    ["key-value pairs", kvp(GET_TILE)],
    ["names in lower case", kvp(Object.fromEntries(Object.entries(GET_TILE).map(([k, v]) => [k.toLowerCase(), v])))],
    ["no style", kvp({ ...GET_TILE, STYLE: "" })],
    ["a path", "/wmts/rest/cache0/default/WebMercatorQuad/2/1/1"],
    ["a path with an extension", "/wmts/rest/cache0/default/WebMercatorQuad/2/1/1.png"],
  ])("answers %s", async (_what, url) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("image/png");
    expect(answer.headers["etag"]).toBeDefined();
  });

  test.each([
    [{ LAYER: "nobody" }, "InvalidParameterValue", "LAYER"],
    [{ LAYER: "" }, "MissingParameterValue", "LAYER"],
    [{ STYLE: "night" }, "InvalidParameterValue", "STYLE"],
    [{ VERSION: "9" }, "InvalidParameterValue", "VERSION"],
    [{ FORMAT: "image/foo" }, "InvalidParameterValue", "FORMAT"],
    [{ TILEMATRIXSET: "other" }, "InvalidParameterValue", "TILEMATRIXSET"],
    [{ TILEMATRIX: "77" }, "InvalidParameterValue", "TILEMATRIX"],
    [{ TILEROW: "-1" }, "InvalidParameterValue", "TILEROW"],
    [{ TILEROW: "4" }, "TileOutOfRange", "TILEROW"],
    [{ TILECOL: "4" }, "TileOutOfRange", "TILECOL"],
    [{ SERVICE: "WMS" }, "InvalidParameterValue", "SERVICE"],
  ])("refuses %o by an exception report", async (wrong, code, locator) => {
    const answer = await app.inject(kvp({ ...GET_TILE, ...wrong } as Record<string, string>));
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toMatch(/^application\/xml/);
    expect(answer.body).toContain(`<Exception exceptionCode="${code}" locator="${locator}">`);
  });

  test("knows no other operation, and a parameter once", async () => {
    const other = await app.inject(kvp({ ...GET_TILE, REQUEST: "GetFeatureInfo" }));
    expect([other.statusCode, other.body.includes("OperationNotSupported")]).toEqual([400, true]);
    const twice = await app.inject(`${kvp(GET_TILE)}&LAYER=cache1`);
    expect([twice.statusCode, twice.body.includes("MissingParameterValue")]).toEqual([400, true]);
  });
});
