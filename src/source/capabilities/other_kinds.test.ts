import { describe, expect, test } from "vitest";
import { parseServiceDescription } from "./parse_service.ts";
import { isUsable, resolveMatrixSet, type ResolvedMatrixSet } from "./resolve_matrix_set.ts";
import type { ServiceDescription } from "./service_description.ts";

const parse = (document: unknown, base = "https://h.example/a/"): ServiceDescription =>
  parseServiceDescription(
    new TextEncoder().encode(typeof document === "string" ? document : JSON.stringify(document)),
    { base },
  );

function gridOf({ matrixSets: [set] }: ServiceDescription): ResolvedMatrixSet {
  const resolved = set === undefined ? { reason: "no set" } : resolveMatrixSet(set);
  if (!isUsable(resolved)) throw new Error(resolved.reason);
  return resolved;
}

describe("ArcGIS ?f=json", () => {
  const degrees = {
    currentVersion: 11,
    mapName: "Heights",
    copyrightText: "Survey",
    singleFusedMapCache: true,
    fullExtent: { xmin: -10, ymin: -20, xmax: 30, ymax: 40, spatialReference: { wkid: 4326 } },
    tileInfo: {
      rows: 512,
      cols: 256,
      format: "PNG32",
      origin: { x: -400, y: 400 },
      spatialReference: { wkid: 4326 },
      lods: [
        { level: 7, resolution: 0.5 },
        { level: 8, resolution: 0.25 },
      ],
    },
    layers: [{ id: 0, name: "Contours", minScale: 50_000, maxScale: 0 }],
  };

  test("a cache is a layer of tiles in its own grid, other layers are drawn", () => {
    const description = parse(degrees, "https://h.example/arcgis/rest/services/x/MapServer?f=json&token=t");
    expect(description).toMatchObject({ kind: "arcgis", title: "Heights", attribution: "Survey", version: "11" });
    expect(description.layers.map(({ name, title, minScale, maxScale }) => [name, title, minScale, maxScale])).toEqual([
      ["tiles", "Heights", null, null],
      ["0", "Contours", null, 50_000],
    ]);
    expect(description.layers[0]).toMatchObject({
      bounds: [-10, -20, 30, 40],
      formats: ["image/png"],
      templates: [
        {
          template: "https://h.example/arcgis/rest/services/x/MapServer/tile/{TileMatrix}/{TileRow}/{TileCol}?token=t",
        },
      ],
    });
    const { grid, levels } = gridOf(description);
    expect(grid.getMatrix(0)).toMatchObject({
      pointOfOrigin: [-400, 400],
      cellSize: 0.5,
      tileWidth: 256,
      tileHeight: 512,
    });
    // From -400 to 180 are 580 degrees, from 400 to -90 490, in tiles of 128 and 256 degrees.
    expect([grid.getMatrix(0).matrixWidth, grid.getMatrix(0).matrixHeight]).toEqual([5, 2]);
    expect(levels.map(({ matrix }) => matrix)).toEqual(["7", "8"]);
  });

  test("levels beyond those that the cache holds are left out, and a cache of numbers is none", () => {
    expect(gridOf(parse({ ...degrees, minLOD: 8, maxLOD: 8 })).levels.map(({ matrix }) => matrix)).toEqual(["8"]);
    const lerc = parse({ ...degrees, tileInfo: { ...degrees.tileInfo, format: "LERC2D" } });
    expect([lerc.matrixSets.length, lerc.skipped[0]?.what]).toEqual([0, "the cache"]);
  });

  test("a service without layers can be exported as a whole", () => {
    const { layers } = parse({ currentVersion: 10, name: "Image", maxImageWidth: 4100, maxImageHeight: 15_000 });
    expect(layers.map(({ name }) => name)).toEqual(["export"]);
  });
});

describe("TMS", () => {
  const tileMap = (body: string, profile: string): string =>
    `<TileMap version="1.0.0"><Title>T</Title>${body}<TileFormat width="256" height="256" mime-type="image/png" extension="png"/>
     <TileSets profile="${profile}"><TileSet href="0" units-per-pixel="156543.0339" order="0"/>
     <TileSet href="https://b.example/1/" units-per-pixel="78271.51695" order="1"/></TileSets></TileMap>`;
  const box = (x: number): string =>
    `<SRS>EPSG:3857</SRS><BoundingBox minx="${-x}" miny="${-x}" maxx="${x}" maxy="${x}"/><Origin x="${-x}" y="${-x}"/>`;

  test.each([
    ["with the origin in metres", tileMap(box(20_037_508.34), "none"), 0],
    ["with the origin in metres, of the global profile", tileMap(box(20_037_508.342789), "global-mercator"), 0],
    ["of gdal2tiles, with the origin in degrees", tileMap(box(85), "mercator"), 1],
  ])("%s is the web mercator quad, rows from the bottom", (_name, text, noted) => {
    const description = parse(text);
    expect(gridOf(description).grid.id).toBe("WebMercatorQuad");
    expect(description.skipped).toHaveLength(noted);
    expect(description.layers[0]?.templates.map(({ matrix, template }) => [matrix, template])).toEqual([
      ["0", "https://h.example/a/0/{x}/{-y}.png"],
      ["1", "https://b.example/1/{x}/{-y}.png"],
    ]);
  });

  test("of the geodetic profile begins with two tiles", () => {
    const text = tileMap("<SRS>EPSG:4326</SRS>", "geodetic").replaceAll(
      /units-per-pixel="[^"]*" order="(\d)"/g,
      (_all, order) => `units-per-pixel="${0.703_125 / 2 ** Number(order)}" order="${order}"`,
    );
    expect(gridOf(parse(text)).grid.id).toBe("WorldCRS84Quad");
  });

  test("of a region is a grid of its own, rows from its bottom", () => {
    const region =
      '<SRS>EPSG:3857</SRS><BoundingBox minx="0" miny="0" maxx="50000000" maxy="30000000"/><Origin x="0" y="0"/>';
    const { grid, levels } = gridOf(parse(tileMap(region, "local")));
    // 256 pixels of 156543.0339 m are 40075016.6784 m: two columns, one row; its top is that much above the origin.
    expect(grid.getMatrix(0)).toMatchObject({ matrixWidth: 2, matrixHeight: 1 });
    expect(grid.getMatrix(0).pointOfOrigin[1]).toBeCloseTo(40_075_016.6784, 4);
    expect(levels[1]?.range).toEqual({ z: 1, minX: 0, maxX: 2, minY: 0, maxY: 1 });
  });

  test("with the origin at the top counts rows from there, and says so", () => {
    const text = tileMap(box(20_037_508.34).replace(/y="-20037508.34"\/>$/, 'y="20037508.34"/>'), "none");
    const description = parse(text);
    expect(description.layers[0]?.templates[0]?.template).toBe("https://h.example/a/0/{x}/{y}.png");
    expect(description.skipped[0]?.reason).toMatch(/at the top/);
  });

  test("a list of maps names their documents", () => {
    const text = `<TileMapService version="1.0.0"><Title>S</Title><TileMaps><TileMap title="A b" srs="EPSG:3857" profile="none" href="https://h.example/tms/1.0.0/ab/"/>
      <TileMap title="F" href="ftp://h/x"/></TileMaps></TileMapService>`;
    const { layers, skipped } = parse(text);
    expect(layers.map(({ name, link }) => [name, link])).toEqual([["ab", "https://h.example/tms/1.0.0/ab/"]]);
    expect(skipped).toHaveLength(1);
    const root = '<Services><TileMapService title="Maps" version="1.0.0" href="/tms/1.0.0"/></Services>';
    expect(parse(root).layers.map(({ name, link }) => [name, link])).toEqual([
      ["1.0.0", "https://h.example/tms/1.0.0"],
    ]);
  });
});

describe("TileJSON", () => {
  test("is a layer in the web mercator quad with the zooms it names", () => {
    const description = parse({
      tilejson: "3.0.0",
      name: "Roads",
      tiles: ["t/{z}/{x}/{y}.pbf"],
      minzoom: 2,
      maxzoom: 5,
      scheme: "tms",
      vector_layers: [{ id: "road" }],
      bounds: [-10, -20, 30, 40],
    });
    expect(description.layers[0]).toMatchObject({ name: "Roads", bounds: [-10, -20, 30, 40] });
    expect(description.layers[0]?.templates[0]?.template).toBe("https://h.example/a/t/{z}/{x}/{-y}.pbf");
    expect(gridOf(description).levels.map(({ z }) => z)).toEqual([2, 3, 4, 5]);
  });
});

describe("OGC API Tiles", () => {
  const level = {
    id: "0",
    cellSize: 2,
    pointOfOrigin: [90, -180],
    matrixWidth: 1,
    matrixHeight: 1,
    tileWidth: 180,
    tileHeight: 90,
  };
  const inline = {
    id: "two",
    crs: "http://www.opengis.net/def/crs/EPSG/0/4326",
    orderedAxes: ["Lat", "Lon"],
    tileMatrices: [level],
  };
  const item = { rel: "item", type: "image/png", href: "t/{tileMatrix}/{tileRow}/{tileCol}" };

  test("a tile set with its matrix set in it", () => {
    const description = parse({ title: "T", dataType: "map", tileMatrixSet: inline, links: [item] });
    expect(description.layers[0]).toMatchObject({
      name: "map",
      formats: ["image/png"],
      templates: [{ template: "https://h.example/a/t/{tileMatrix}/{tileRow}/{tileCol}", matrixSet: "two" }],
    });
    expect(gridOf(description).grid.bbox).toEqual([-180, -90, 180, 90]);
  });

  test.each([
    ["a URI", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    ["an object with a URI", { uri: "http://www.opengis.net/def/crs/OGC/1.3/CRS84" }],
    ["a WKT with an id", { wkt: { type: "GeographicCRS", id: { authority: "OGC", code: "CRS84" } } }],
  ])("the CRS is %s", (_name, crs) => {
    const { grid } = gridOf(
      parse({ ...inline, crs, orderedAxes: undefined, tileMatrices: [{ ...level, pointOfOrigin: [-180, 90] }] }),
    );
    expect([grid.crs.code, grid.getMatrix(0).pointOfOrigin]).toEqual(["OGC:CRS84", [-180, 90]]);
  });

  test("rows may count from the bottom", () => {
    const bottom = { ...level, cornerOfOrigin: "bottomLeft", pointOfOrigin: [-90, -180] };
    expect(gridOf(parse({ ...inline, tileMatrices: [bottom] })).grid.getMatrix(0).pointOfOrigin).toEqual([-180, 90]);
  });

  test("the standard's sets are known by their names, and have limits", () => {
    const description = parse({
      dataType: "vector",
      tileMatrixSetURI: "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
      tileMatrixSetLimits: [{ tileMatrix: "1", minTileRow: 0, maxTileRow: 0, minTileCol: 1, maxTileCol: 1 }],
      links: [item],
    });
    expect(gridOf(description).grid.id).toBe("WebMercatorQuad");
    expect(description.layers[0]?.matrixSets[0]?.limits).toHaveLength(1);
  });

  test("rows of different widths are refused by their code", () => {
    const [set] = parse({
      ...inline,
      tileMatrices: [{ ...level, variableMatrixWidths: [{ coalesce: 2 }] }],
    }).matrixSets;
    expect(set?.problem).toMatch(/^grid\.variableWidths: /);
  });

  test("lists name the documents of their entries", () => {
    const self = { rel: "self", type: "application/json", href: "/sets/odd?f=json" };
    const sets = parse({ tileMatrixSets: [{ id: "odd", links: [self] }, { id: "WebMercatorQuad" }] });
    expect(sets.matrixSets.map(({ id, link, matrices }) => [id, link, matrices.length > 0])).toEqual([
      ["odd", "https://h.example/sets/odd?f=json", false],
      ["WebMercatorQuad", null, true],
    ]);
    const tileSets = parse({ tilesets: [{ dataType: "map", tileMatrixSetId: "WebMercatorQuad", links: [self] }] });
    expect(tileSets.layers[0]?.matrixSets[0]).toMatchObject({
      id: "WebMercatorQuad",
      link: "https://h.example/sets/odd?f=json",
    });
  });
});
