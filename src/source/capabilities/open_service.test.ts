import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { keyValueWmts, restfulWmts, wms111, wms130 } from "../../../test/e2e/sources_documents.ts";
import { useLoopback, type Loopback } from "../../../test/support/loopback.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { pngTile } from "../../../test/support/tile_bytes.ts";
import { worldCrs84Quad } from "../../grid/index.ts";
import { openSource } from "../open_source.ts";
import type { OpenSourceOptions } from "../source_options.ts";
import type { TileSource } from "../tile_source.ts";

const kit = useLoopback();
const folder = useTempFolder();
const CAPS = "/caps?request=GetCapabilities";

/** An origin with one description; everything else is a tile. */
async function serve(make: (origin: Loopback) => string, path = CAPS): Promise<Loopback> {
  const origin = await kit.origin();
  return origin.on(path, { body: make(origin) }).onAny({ body: pngTile() });
}

const open = async (origin: Loopback, options: OpenSourceOptions = {}, path = CAPS): Promise<TileSource> =>
  openSource(origin.url(path), { client: kit.client(), ...options });

/** What is asked for one tile, without the description. */
async function asked(origin: Loopback, source: TileSource, z: number, x: number, y: number): Promise<string[]> {
  const before = origin.paths().length;
  await source.fetchTile({ z, x, y });
  return origin.paths().slice(before);
}

describe("WMTS by capabilities", () => {
  test("by key-value pairs: the service's names, vendor parameters kept", async () => {
    const origin = await serve(({ host }) => keyValueWmts(`http://${host}/kvp?map=m`));
    const source = await open(origin, { layer: "relief", style: "grey" });
    expect(source.info).toMatchObject({
      kind: "wmts",
      minZoom: 0,
      maxZoom: 2,
      format: "png",
      bounds: [-10, -20, 30, 40],
    });
    expect(source.info.grid.id).toBe("WebMercatorQuad");
    expect(await asked(origin, source, 2, 3, 1)).toEqual([
      "/kvp?map=m&SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=relief&STYLE=grey&FORMAT=image/png&TILEMATRIXSET=EPSG:3857&TILEMATRIX=EPSG:3857:2&TILEROW=1&TILECOL=3",
    ]);
  });

  test("by templates: default style and time, tiles outside of the limits are empty without a request", async () => {
    const origin = await serve(({ host }) =>
      restfulWmts(`http://${host}/{Style}/{Time}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png`),
    );
    const source = await open(origin);
    expect([source.info.minZoom, source.info.maxZoom]).toEqual([0, 2]);
    expect(await asked(origin, source, 2, 2, 1)).toEqual(["/day/2026-01-01/google/2/1/2.png"]);
    expect(await asked(origin, source, 2, 3, 1)).toEqual([]);
    expect(await source.fetchTile({ z: 3, x: 0, y: 0 })).toEqual({ kind: "empty" });
    const older = await open(origin, { dimensions: { time: "2025-01-01" } });
    expect(await asked(origin, older, 2, 2, 1)).toEqual(["/day/2025-01-01/google/2/1/2.png"]);
    expect(older.info.id).not.toBe(source.info.id);
  });

  test("several templates are mirrors of each other", async () => {
    const other = await kit.origin();
    other.onAny({ body: pngTile() });
    const origin = await serve(({ host }) => {
      const one = `http://${host}/{TileMatrix}/{TileRow}/{TileCol}`;
      return restfulWmts(
        `${one}"/><ResourceURL format="image/png" resourceType="tile" template="${other.url("/m/{TileMatrix}/{TileRow}/{TileCol}")}`,
      );
    });
    const source = await open(origin);
    expect(source.hosts.map(({ host }) => host)).toEqual([origin.host, other.host]);
    await source.fetchTile({ z: 1, x: 1, y: 0 }, { host: 1 });
    expect(other.paths()).toEqual(["/m/1/0/1"]);
  });

  test("a format without a template is asked for by key-value pairs", async () => {
    const make = ({ host }: Loopback): string =>
      keyValueWmts(`http://${host}/kvp`).replace(
        "<Format>image/png</Format>",
        `<Format>image/png</Format><Format>image/jpeg</Format><ResourceURL format="image/png" resourceType="tile" template="http://${host}/r/{TileMatrix}/{TileRow}/{TileCol}"/>`,
      );
    const origin = await serve(make);
    expect(await asked(origin, await open(origin), 0, 0, 0)).toEqual(["/r/EPSG:3857:0/0/0"]);
    const [path] = await asked(origin, await open(origin, { format: "jpeg" }), 0, 0, 0);
    expect(path).toMatch(/^\/kvp\?.*&FORMAT=image\/jpeg&/);
  });

  test("from a file the URLs of the document are asked", async () => {
    const origin = await kit.origin();
    origin.onAny({ body: pngTile() });
    writeFileSync(folder.path("caps.xml"), restfulWmts(origin.url("/{TileMatrix}/{TileRow}/{TileCol}")));
    const source = await openSource(folder.path("caps.xml"), { client: kit.client() });
    expect(await asked(origin, source, 1, 0, 1)).toEqual(["/1/1/0"]);
    writeFileSync(folder.path("bare.xml"), keyValueWmts("not-a-url"));
    await expect(openSource(folder.path("bare.xml"))).rejects.toThrow(/give the URL of the service instead of a file/);
  });

  test.each([
    [{ layer: "releif" }, /got 'releif'; the closest are 'relief'/],
    [{ style: "dya" }, /a style of layer 'relief', got 'dya'; it has 'day', 'grey'/],
    [{ matrixSet: "gogle" }, /got 'gogle'; it has 'google'/],
    [{ format: "webp" }, /a format of layer 'relief', got 'webp'; it has 'image\/png'/],
    [{ dimensions: { elevation: "1" } }, /a dimension of layer 'relief', got 'elevation'; it has 'Time'/],
    [{ dimensions: { time: "1925-01-01" } }, /a value of Time, got '1925-01-01'; it has '2025-01-01'/],
    [{ grid: worldCrs84Quad() }, /with the grid WorldCRS84Quad, got none: 'google': EPSG:3857/],
  ] as [OpenSourceOptions, RegExp][])("%j is refused with what there is", async (options, words) => {
    const origin = await serve(({ host }) => restfulWmts(`http://${host}/{TileMatrix}/{TileRow}/{TileCol}`));
    await expect(open(origin, options)).rejects.toMatchObject({
      code: "source.invalid",
      message: expect.stringMatching(words) as string,
    });
  });
});

describe("WMS by capabilities", () => {
  const parameters = (path: string | undefined): Record<string, string> =>
    Object.fromEntries(new URLSearchParams(path?.split("?")[1]));

  test("1.3.0 in web mercator, with inherited time", async () => {
    const origin = await serve(({ host }) => wms130(`http://${host}/map?map=m`));
    const source = await open(origin, { layer: "land", dimensions: { time: "2025-01-01" } });
    const [path] = await asked(origin, source, 1, 1, 0);
    expect(path).toMatch(/^\/map\?map=m&/);
    expect(parameters(path)).toMatchObject({
      VERSION: "1.3.0",
      LAYERS: "land",
      STYLES: "",
      CRS: "EPSG:3857",
      FORMAT: "image/png",
      TRANSPARENT: "FALSE",
      TIME: "2025-01-01",
      BBOX: "0,0,20037508.342789244,20037508.342789244",
    });
    expect(source.info).toMatchObject({ title: "Land", bounds: [-10, -20, 30, 40] });
  });

  test.each([
    ["EPSG:4326, latitude first, where CRS:84 is not offered", "land", "EPSG:4326", "0,90,90,180"],
    ["CRS:84, longitude first, where it is", "water", "CRS:84", "90,0,180,90"],
  ])("in degrees by %s", async (_name, layer, crs, box) => {
    const origin = await serve(({ host }) => wms130(`http://${host}/map`));
    const source = await open(origin, { layer, grid: worldCrs84Quad() });
    const [path] = await asked(origin, source, 1, 3, 0);
    expect(parameters(path)).toMatchObject({ CRS: crs, BBOX: box });
  });

  test("1.1.1 says SRS, by the name that the service uses", async () => {
    const origin = await serve(({ host }) => wms111(`http://${host}/wms?map=old`));
    const source = await open(origin);
    expect(parameters((await asked(origin, source, 0, 0, 0))[0])).toMatchObject({
      VERSION: "1.1.1",
      SRS: "EPSG:900913",
      map: "old",
    });
  });

  test("two layers in one picture, a style for each", async () => {
    const origin = await serve(({ host }) => wms130(`http://${host}/map`));
    const source = await open(origin, { layer: "land,water", style: "own," });
    expect(parameters((await asked(origin, source, 0, 0, 0))[0])).toMatchObject({
      LAYERS: "land,water",
      STYLES: "own,",
    });
  });

  test.each([
    [{}, /--layer NAME, because the service has 2 layers: 'land', 'water'/],
    [{ layer: "lnad" }, /got 'lnad'; the closest are 'land', 'water'/],
    [{ layer: "land,water,land" }, /at most 2 layers in one request, got 3/],
    [{ layer: "land", tileSize: 1024 }, /at most 1024 x 512 pixels/],
    [{ layer: "land", format: "image/tiff" }, /it has 'image\/jpeg', 'image\/png'/],
  ] as [OpenSourceOptions, RegExp][])("%j is refused with what there is", async (options, words) => {
    const origin = await serve(({ host }) => wms130(`http://${host}/map`));
    await expect(open(origin, options)).rejects.toMatchObject({
      code: "source.invalid",
      message: expect.stringMatching(words) as string,
    });
  });
});

describe("other kinds", () => {
  test("an ArcGIS cache in its own grid", async () => {
    const lods = [{ level: 3, resolution: 0.5 }];
    const tileInfo = { rows: 256, cols: 256, origin: { x: -180, y: 90 }, spatialReference: { wkid: 4326 }, lods };
    const body = (): string =>
      JSON.stringify({ currentVersion: 11, mapName: "M", singleFusedMapCache: true, tileInfo });
    const origin = await serve(body, "/x/MapServer?token=t&f=json");
    const source = await open(origin, {}, "/x/MapServer?token=t");
    expect(source.info.grid.getMatrix(0).cellSize).toBe(0.5);
    expect(source.info.id).not.toContain("=t");
    expect(await asked(origin, source, 0, 2, 1)).toEqual(["/x/MapServer/tile/3/1/2?token=t"]);
  });

  test("a list of TMS maps leads to the map, rows from the bottom", async () => {
    const origin = await kit.origin();
    const sets = [0, 1].map(
      (z) => `<TileSet href="${z}" units-per-pixel="${156_543.033_928_041 / 2 ** z}" order="${z}"/>`,
    );
    origin.onAny({ body: pngTile() });
    origin.on("/tms/1.0.0", {
      body: `<TileMapService version="1.0.0"><TileMaps><TileMap title="A" href="${origin.url("/tms/1.0.0/a/")}"/><TileMap title="B" href="${origin.url("/tms/1.0.0/b/")}"/></TileMaps></TileMapService>`,
    });
    origin.on("/tms/1.0.0/b/", {
      body: `<TileMap><Title>B</Title><SRS>EPSG:3857</SRS><TileFormat extension="png" mime-type="image/png"/><TileSets profile="global-mercator">${sets.join("")}</TileSets></TileMap>`,
    });
    const source = await open(origin, { layer: "b" }, "/tms/1.0.0");
    expect(await asked(origin, source, 1, 1, 0)).toEqual(["/tms/1.0.0/b/1/1/1.png"]);
  });

  test("a tile set of OGC API Tiles leads to its matrix set", async () => {
    const origin = await kit.origin();
    const links = [
      { rel: "item", type: "image/png", href: "/t/{tileMatrix}/{tileRow}/{tileCol}?f=png" },
      { rel: "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", type: "application/json", href: "/sets/two" },
    ];
    const level = {
      id: "0",
      cellSize: 2,
      pointOfOrigin: [-180, 90],
      matrixWidth: 2,
      matrixHeight: 1,
      tileWidth: 90,
      tileHeight: 90,
    };
    origin.onAny({ body: pngTile() });
    origin.on("/tiles/two?f=json", { body: JSON.stringify({ dataType: "map", tileMatrixSetId: "two", links }) });
    origin.on("/sets/two", {
      body: JSON.stringify({ id: "two", crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84", tileMatrices: [level] }),
    });
    const source = await open(origin, {}, "/tiles/two?f=json");
    expect(source.info.grid.bbox).toEqual([-180, -90, 180, 90]);
    expect(await asked(origin, source, 0, 1, 0)).toEqual(["/t/0/0/1?f=png"]);
  });
});

describe("the id of a source", () => {
  const set = (z: number): string =>
    `<TileSet href="lvl/${z}" units-per-pixel="${156_543.033_928_041 / 2 ** z}" order="${z}"/>`;
  const tileMap = `<TileMap><Title>B</Title><SRS>EPSG:3857</SRS><TileFormat extension="png" mime-type="image/png"/><TileSets profile="global-mercator">${set(0)}${set(1)}</TileSets></TileMap>`;
  const kinds: [string, string, (origin: Loopback) => string][] = [
    ["a WMTS by key-value pairs", CAPS, ({ host }) => keyValueWmts(`http://${host}/kvp?map=m`)],
    [
      "a WMTS by templates",
      CAPS,
      ({ host }) => restfulWmts(`http://${host}/{Style}/{Time}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png`),
    ],
    ["a TMS", "/tms/1.0.0/b/", () => tileMap],
    ["a WMS", CAPS, ({ host }) => wms111(`http://${host}/wms?map=old`)],
  ];

  test.each(kinds)("of %s opens the same tiles again, without the description", async (_name, path, make) => {
    const origin = await serve(make, path);
    const source = await open(origin, {}, path);
    const again = await openSource(source.info.id, { client: kit.client(), grid: source.info.grid });
    const [first, second] = [await asked(origin, source, 1, 1, 0), await asked(origin, again, 1, 1, 0)];
    expect(first).toHaveLength(1);
    const parameters = (paths: string[]): string[] => (paths[0] ?? "").split(/[?&]/).toSorted();
    expect(parameters(second)).toEqual(parameters(first));
  });
});

describe("a document", () => {
  test("sends the user's key and headers back to the user's origin only", async () => {
    const other = await kit.origin();
    other.onAny({ body: pngTile() });
    const access = { env: { K: "k3y-of-mine" }, headers: { "x-api-key": "${K}" } };
    const path = "/caps?request=GetCapabilities&key=${K}";
    for (const [advertised, asksOwn] of [
      ["https://127.0.0.1:1/kvp", true],
      [other.url("/kvp?map=${K}"), false],
    ] as const) {
      const origin = await serve(() => keyValueWmts(advertised), path.replace("${K}", "k3y-of-mine"));
      const opening = open(origin, access, path);
      if (!asksOwn) {
        // A variable that a document asks for stays a text, and is no placeholder either.
        await expect(opening).rejects.toMatchObject({ code: "source.invalid" });
        continue;
      }
      const source = await opening;
      expect(source.info.id).not.toContain("k3y");
      await source.fetchTile({ z: 0, x: 0, y: 0 });
      const last = origin.requests.at(-1);
      expect(last?.path).toMatch(/^\/kvp\?SERVICE=WMTS&.*&key=k3y-of-mine$/);
      expect(last?.headers["x-api-key"]).toBe("k3y-of-mine");
    }
    expect(other.paths()).toEqual([]);
  });

  test("that leads to a document of another host gives neither that host nor its tiles the user's key", async () => {
    const other = await kit.origin();
    const set = '<TileSet href="0" units-per-pixel="156543.033928041" order="0"/>';
    const map = `<TileMap><Title>B</Title><SRS>EPSG:3857</SRS><TileFormat extension="png" mime-type="image/png"/><TileSets profile="global-mercator">${set}</TileSets></TileMap>`;
    other.on("/tms/b/", { body: map }).onAny({ body: pngTile() });
    const list = `<TileMapService><TileMaps><TileMap title="B" href="${other.url("/tms/b/")}"/></TileMaps></TileMapService>`;
    const origin = await serve(() => list, "/tms/?key=k3y-of-mine");
    const headers = { "x-api-key": "${K}", authorization: "Bearer abcdefgh", accept: "image/png" };
    const source = await open(origin, { env: { K: "k3y-of-mine" }, headers }, "/tms/?key=${K}");
    await source.fetchTile({ z: 0, x: 0, y: 0 });
    expect(other.paths()).toEqual(["/tms/b/", "/tms/b/0/0/0.png"]);
    for (const request of other.requests) {
      expect(request.headers["accept"]).toBe("image/png");
      expect(JSON.stringify(request.headers)).not.toMatch(/k3y-of-mine|abcdefgh/);
    }
  });

  test("that is an exception, or far too large, is told as that", async () => {
    const report =
      "<ServiceExceptionReport><ServiceException>key abcdefgh is over its limit</ServiceException></ServiceExceptionReport>";
    const origin = await serve(() => report, `${CAPS}&key=abcdefgh`);
    await expect(open(origin, {}, `${CAPS}&key=abcdefgh`)).rejects.toMatchObject({
      code: "source.exception",
      message: expect.stringContaining("key *** is over its limit") as string,
    });
    const large = await serve(() => " ".repeat(33 * 1024 * 1024));
    await expect(open(large)).rejects.toMatchObject({ code: "http.tooLarge" });
  });
});
