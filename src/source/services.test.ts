import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { webMercatorQuad, worldCrs84Quad } from "../grid/index.ts";
import { useLoopback } from "../../test/support/loopback.ts";
import { pngTile } from "../../test/support/tile_bytes.ts";
import { queryValue, withQuery } from "./query.ts";
import type { TileSource } from "./tile_source.ts";
import { wmsSource } from "./wms_source.ts";
import { wmtsSource } from "./wmts_source.ts";
import type { OpenSourceOptions } from "./source_options.ts";

const kit = useLoopback();
/** A tile in the north-east, not on the diagonal: swapped axes show. */
const mercatorTile = { z: 2, x: 3, y: 1 };
const geographicTile = { z: 1, x: 3, y: 0 };
const MERCATOR_BOX = "10018754.17139462,0,20037508.342789244,10018754.171394622";

type Make = (url: string, options: OpenSourceOptions) => TileSource;

/** Path and query that are really sent for a tile. */
async function asked(make: Make, path: string, options: OpenSourceOptions, tile = mercatorTile): Promise<string> {
  const origin = await kit.origin();
  origin.onAny({ body: pngTile() });
  const source = make(origin.url(path), { client: kit.client(), ...options });
  expect((await source.fetchTile(tile)).kind).toBe("tile");
  return origin.paths()[0] ?? "";
}

describe("WMS GetMap", () => {
  test("1.3.0 in web mercator, the default", async () => {
    expect(await asked(wmsSource, "/wms?map=x.map", { layer: "roads" })).toBe(
      `/wms?map=x.map&SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=roads&STYLES=&FORMAT=image/png&TRANSPARENT=TRUE&CRS=EPSG:3857&WIDTH=256&HEIGHT=256&BBOX=${MERCATOR_BOX}`,
    );
  });

  test("1.1.1 in web mercator says SRS", async () => {
    expect(await asked(wmsSource, "/wms?version=1.1.1", { layer: "a,b", style: "s,t", format: "jpg" })).toBe(
      `/wms?SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=a,b&STYLES=s,t&FORMAT=image/jpeg&TRANSPARENT=TRUE&SRS=EPSG:3857&WIDTH=256&HEIGHT=256&BBOX=${MERCATOR_BOX}`,
    );
  });

  test.each([
    ["1.3.0 with CRS:84 writes lon,lat", "/wms?version=1.3.0", "CRS=CRS:84", "90,0,180,90"],
    ["1.3.0 with EPSG:4326 writes lat,lon", "/wms?version=1.3.0&crs=EPSG:4326", "CRS=EPSG:4326", "0,90,90,180"],
    ["1.3.0 with epsg:4326 in lower case writes lat,lon", "/wms?crs=epsg:4326", "CRS=EPSG:4326", "0,90,90,180"],
    ["1.1.1 with EPSG:4326 writes lon,lat", "/wms?version=1.1.1&srs=EPSG:4326", "SRS=EPSG:4326", "90,0,180,90"],
    ["1.1.1 never says CRS:84", "/wms?version=1.1.1", "SRS=EPSG:4326", "90,0,180,90"],
  ])("%s", async (_name, path, crs, box) => {
    const url = await asked(wmsSource, path, { layer: "l", grid: worldCrs84Quad() }, geographicTile);
    expect(url.split("&").filter((part) => /^(?:[CS]RS|BBOX)=/i.test(part))).toEqual([crs, `BBOX=${box}`]);
  });

  test.each([
    ["EPSG:900913", "EPSG:900913"],
    ["EPSG:102100", "EPSG:102100"],
    // The numbers of the box are mercator metres: another system would be a lie.
    ["EPSG:4326", "EPSG:3857"],
    ["EPSG:25832", "EPSG:3857"],
  ])("a URL that asks for %s in a mercator grid is sent %s", async (inUrl, sent) => {
    const url = await asked(wmsSource, `/wms?crs=${inUrl}`, { layer: "l" });
    expect(queryValue(url, "crs")).toBe(sent);
  });

  test("takes over a GetMap URL as it was copied from a browser", async () => {
    const copied =
      "/wms?service=WMS&request=GetMap&version=1.1.1&layers=my+layer&styles=&srs=EPSG:3857&bbox=0,0,1,1&width=9&height=9&format=image/jpeg&transparent=false&token=t";
    const url = await asked(wmsSource, copied, { tileSize: 512 });
    expect(url).toBe(
      `/wms?token=t&SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&LAYERS=my%20layer&STYLES=&FORMAT=image/jpeg&TRANSPARENT=false&SRS=EPSG:3857&WIDTH=512&HEIGHT=512&BBOX=${MERCATOR_BOX}`,
    );
  });

  test("dimensions are sent in upper case", async () => {
    const url = await asked(wmsSource, "/wms", { layer: "l", dimensions: { time: "2026-01-01T00:00:00Z" } });
    expect(url).toContain("&TIME=2026-01-01T00:00:00Z&");
  });

  test("a box never has an exponent, which servers do not read", async () => {
    const grid = webMercatorQuad();
    const place = fc.integer({ min: 0, max: grid.maxZ }).chain((z) => {
      const index = fc.integer({ min: 0, max: 2 ** z - 1 });
      return fc.record({ z: fc.constant(z), x: fc.oneof(index, fc.constant((2 ** z) >> 1)), y: index });
    });
    fc.assert(
      fc.property(place, (tile) => {
        expect(grid.tileToBbox(tile).join(",")).not.toMatch(/e/);
      }),
    );
  });

  test("without a layer, or of another version, is refused", () => {
    expect(() => wmsSource("http://h/wms")).toThrow(expect.objectContaining({ code: "source.invalid" }));
    const old = (): TileSource => wmsSource("http://h/wms?version=1.0.0", { layer: "l" });
    expect(old).toThrow(expect.objectContaining({ code: "source.invalid" }));
  });
});

describe("WMTS GetTile", () => {
  test("by key-value pairs", async () => {
    expect(await asked(wmtsSource, "/wmts?key=k", { layer: "topo", style: "default", format: "png" })).toBe(
      "/wmts?key=k&SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=topo&STYLE=default&FORMAT=image/png&TILEMATRIXSET=WebMercatorQuad&TILEMATRIX=2&TILEROW=1&TILECOL=3",
    );
  });

  test("with a prefix of its matrix names", async () => {
    const url = await asked(wmtsSource, "/gwc?layer=ns:l", { matrixSet: "EPSG:900913#EPSG:900913:" });
    expect(url).toContain("LAYER=ns:l&");
    expect(url).toMatch(/&TILEMATRIXSET=EPSG:900913&TILEMATRIX=EPSG:900913:2&TILEROW=1&TILECOL=3$/);
  });

  test("with dimensions", async () => {
    expect(await asked(wmtsSource, "/wmts?layer=l", { dimensions: { Time: "2026" } })).toContain("&Time=2026&");
  });

  test("without a layer is refused", () => {
    expect(() => wmtsSource("http://h/wmts")).toThrow(expect.objectContaining({ code: "source.invalid" }));
  });
});

describe("query parameters", () => {
  test("are found whatever their case, and none is null", () => {
    expect(queryValue("http://h/?A=1&LaYers=x%2Cy", "layers")).toBe("x,y");
    expect(queryValue("http://h/?A=1", "b")).toBeNull();
    expect(queryValue("http://h/?url=http://i/?x=1", "url")).toBe("http://i/?x=1");
  });

  test("with broken percent codes are taken as they stand", () => {
    expect(queryValue("http://h/?layers=100%", "layers")).toBe("100%");
  });

  test("are replaced whatever their case, once", () => {
    expect(withQuery("http://h/?layers=a&LAYERS=b&q=1", { LAYERS: "c d" })).toBe("http://h/?q=1&LAYERS=c%20d");
  });

  test("that are set are read back", () => {
    const text = fc.string().filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(text, (value) => {
        expect(queryValue(withQuery("http://h/", { v: value }), "V")).toBe(value);
      }),
    );
  });
});
