import { describe, expect, test } from "vitest";
import {
  GOOGLE_SCALE,
  keyValueWmts,
  limitsXml,
  matrixSetXml,
  matrixXml,
  mercatorLevels,
  PIXEL_SCALE,
  restfulWmts,
  wmtsXml,
} from "../../../test/e2e/sources_documents.ts";
import { parseServiceDescription } from "./parse_service.ts";
import { isUsable, resolveMatrixSet, type ResolvedMatrixSet } from "./resolve_matrix_set.ts";
import type { ServiceDescription, ServiceMatrixSet } from "./service_description.ts";

const parse = (text: string, base = ""): ServiceDescription =>
  parseServiceDescription(new TextEncoder().encode(text), { base });

function setOf(crs: string, matrices: string): ServiceMatrixSet {
  const [set] = parse(wmtsXml({ layer: "", sets: matrixSetXml("s", crs, matrices) })).matrixSets;
  if (set === undefined) throw new Error("no set");
  return set;
}

function resolve(crs: string, matrices: string): ResolvedMatrixSet {
  const resolved = resolveMatrixSet(setOf(crs, matrices));
  if (!isUsable(resolved)) throw new Error(resolved.reason);
  return resolved;
}

const CRS84 = "urn:ogc:def:crs:OGC:1.3:CRS84";
const WGS84 = "urn:ogc:def:crs:EPSG::4326";

describe("parseWmts", () => {
  test("reads what a service and its layer say", () => {
    const description = parse(
      restfulWmts("/t/{Style}/{Time}/{TileMatrix}/{TileRow}/{TileCol}.png"),
      "https://h.example/a/c.xml",
    );
    expect(description).toMatchObject({
      kind: "wmts",
      version: "1.0.0",
      title: "Relief of Nowhere",
      provider: "Survey of Nowhere",
      attribution: "CC0",
    });
    expect(description.layers).toHaveLength(1);
    expect(description.layers[0]).toMatchObject({
      name: "relief",
      title: "Shaded & coloured",
      bounds: [-10, -20, 30, 40],
      formats: ["image/png"],
      styles: [
        { name: "grey", isDefault: false },
        { name: "day", isDefault: true },
      ],
      dimensions: [{ name: "Time", default: "2026-01-01", values: ["2025-01-01", "2026-01-01"] }],
      templates: [
        { format: "image/png", template: "https://h.example/t/{Style}/{Time}/{TileMatrix}/{TileRow}/{TileCol}.png" },
      ],
    });
    expect(description.layers[0]?.matrixSets[0]?.limits?.[2]).toEqual({
      matrix: "2",
      minRow: 1,
      maxRow: 1,
      minCol: 2,
      maxCol: 2,
    });
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  });

  test("finds the endpoint of key-value pairs, not the one of templates", () => {
    const rest = keyValueWmts("https://h.example/rest").replace(">KVP<", ">RESTful<");
    expect(parse(keyValueWmts("https://h.example/kvp?map=m")).endpoints).toEqual(["https://h.example/kvp?map=m"]);
    expect(parse(rest).endpoints).toEqual([]);
  });

  test("a layer without a name and a level without numbers are left out and told", () => {
    const bad = matrixXml({ id: "x", scale: Number.NaN, corner: "0 0", width: 1, height: 1 });
    const text = wmtsXml({ layer: "", sets: matrixSetXml("s", CRS84, bad), layerName: "" });
    const { layers, skipped, matrixSets } = parse(text);
    expect([layers.length, matrixSets[0]?.matrices.length]).toEqual([0, 0]);
    expect(skipped.map(({ reason }) => reason)).toEqual(["it has no identifier", "a number is missing or wrong"]);
  });
});

describe("resolveMatrixSet", () => {
  test("knows the web mercator quad in any order of levels, with the names of the service", () => {
    const { grid, levels, notes } = resolve("urn:ogc:def:crs:EPSG::3857", mercatorLevels(4, "EPSG:3857:"));
    expect([grid.id, notes]).toEqual(["WebMercatorQuad", []]);
    expect(levels.map(({ z, matrix }) => `${z}=${matrix}`)).toEqual([0, 1, 2, 3].map((z) => `${z}=EPSG:3857:${z}`));
  });

  test("a run of deeper levels keeps its zooms", () => {
    const matrices = [5, 6]
      .map((z) =>
        matrixXml({
          id: `L${z}`,
          scale: GOOGLE_SCALE / 2 ** z,
          corner: "-20037508 20037508",
          width: 2 ** z,
          height: 2 ** z,
        }),
      )
      .join("");
    const { grid, levels } = resolve("EPSG:3857", matrices);
    expect([grid.id, ...levels.map(({ z }) => z)]).toEqual(["WebMercatorQuad", 5, 6]);
  });

  test("levels with a gap, another tile size or another corner are a grid of their own", () => {
    const level = (id: string, z: number, tileHeight = 256): string =>
      matrixXml({
        id,
        scale: GOOGLE_SCALE / 2 ** z,
        corner: "-20037508.34 20037508.34",
        width: 2 ** z,
        height: 2 ** z,
        tileHeight,
      });
    expect(resolve("EPSG:3857", level("a", 1) + level("b", 3)).grid.id).toBe("s");
    const oblong = resolve("EPSG:3857", level("a", 1, 128)).grid.getMatrix(0);
    expect([oblong.tileWidth, oblong.tileHeight]).toEqual([256, 128]);
    const matrix = matrixXml({ id: "0", scale: GOOGLE_SCALE / 4, corner: "0 4000000", width: 8, height: 9 });
    expect(resolve("EPSG:3857", matrix).grid.getMatrix(0)).toMatchObject({
      pointOfOrigin: [0, 4_000_000],
      matrixHeight: 9,
    });
  });

  test("cell sizes are those that the standard prints", () => {
    const pixel = matrixXml({ id: "2deg", scale: PIXEL_SCALE, corner: "-180 90", width: 1, height: 1 });
    expect(resolve(CRS84, pixel).grid.getMatrix(0).cellSize).toBeCloseTo(2, 9);
    const metre = matrixXml({ id: "0", scale: GOOGLE_SCALE, corner: "0 4000000", width: 1, height: 1 });
    expect(resolve("EPSG:3857", metre).grid.getMatrix(0).cellSize).toBeCloseTo(156_543.033_928_041_0, 6);
  });

  test.each([
    ["longitude first by the rule of CRS84", CRS84, "-180 90", 0],
    ["latitude first by the rule of EPSG:4326", WGS84, "90 -180", 0],
    ["CRS84 written latitude first", CRS84, "90 -180", 1],
    ["EPSG:4326 written longitude first", WGS84, "-180 90", 1],
  ])("%s begins at -180, 90", (_name, crs, corner, noted) => {
    const matrix = matrixXml({ id: "0", scale: PIXEL_SCALE, corner, width: 1, height: 1 });
    const { grid, notes } = resolve(crs, matrix);
    expect(grid.getMatrix(0).pointOfOrigin).toEqual([-180, 90]);
    expect(notes).toHaveLength(noted);
  });

  // Warsaw's tile of a set for Poland, whose CRS has northing first: 52.2297 N, 21.0122 E is 637382.20 E, 486757.21 N by PROJ's cs2cs.
  test.each([
    ["northing first, by the rule", "850000 100000", 0],
    ["easting first, against it", "100000 850000", 1],
  ])("a national system written %s puts places into the same tile", (_name, corner, noted) => {
    const matrix = matrixXml({ id: "0", scale: 100 / 0.00028, corner, width: 40, height: 40 });
    const { grid, notes } = resolve("urn:ogc:def:crs:EPSG::2180", matrix);
    expect(notes).toHaveLength(noted);
    // 25600 m a tile: (637382 - 100000) / 25600 = 20.99, (850000 - 486757) / 25600 = 14.19.
    expect(grid.lonLatToTile(21.0122, 52.2297, 0)).toEqual({ z: 0, x: 20, y: 14 });
  });

  test("the box of a layer settles what the area of the CRS leaves open", () => {
    // 10 x 10 pixels of 2 degrees: 95..115, 155..175 is no place, 175..195, 75..95 is to a fifth on the Earth.
    const corner = { corner: "95 175", width: 1, height: 1, tileWidth: 10, tileHeight: 10 };
    const set = setOf(CRS84, matrixXml({ id: "0", scale: PIXEL_SCALE, ...corner }));
    const cornerFor = (bounds: readonly [number, number, number, number] | null): unknown => {
      const resolved = resolveMatrixSet(set, null, bounds);
      return isUsable(resolved) ? resolved.grid.getMatrix(0).pointOfOrigin : resolved.reason;
    };
    expect(cornerFor(null)).toEqual([95, 175]);
    expect(cornerFor([175, 75, 180, 90])).toEqual([175, 95]);
  });

  test.each([
    ["of a CRS that nobody knows", "EPSG:999999", mercatorLevels(1), /'EPSG:999999' is not known/],
    ["without levels", "EPSG:3857", "", /no levels/],
    ["with two levels of one name", "EPSG:3857", mercatorLevels(1) + mercatorLevels(1), /same name/],
    ["with 65 levels", "EPSG:3857", mercatorLevels(65), /65 levels/],
    ["beside the world", "EPSG:3857", mercatorLevels(1, "", "90000000 90000000"), /corners lie outside/],
  ])("a set %s says why it cannot be used", (_name, crs, matrices, reason) => {
    const resolved = resolveMatrixSet(setOf(crs, matrices), null, [-10, -20, 30, 40]);
    expect(isUsable(resolved) ? "usable" : resolved.reason).toMatch(reason);
  });

  test("limits are inclusive, cut to the level, and leave out levels that they do not name", () => {
    const link = `<TileMatrixSetLink><TileMatrixSet>s</TileMatrixSet><TileMatrixSetLimits>${limitsXml("1", 0, 0, 1, 1)}${limitsXml("2", 1, 900, -5, 2)}</TileMatrixSetLimits></TileMatrixSetLink>`;
    const { layers, matrixSets } = parse(
      wmtsXml({ layer: link, sets: matrixSetXml("s", "EPSG:3857", mercatorLevels(3)) }),
    );
    const [set, first] = [matrixSets[0], layers[0]?.matrixSets[0]];
    const resolved = set === undefined ? null : resolveMatrixSet(set, first);
    if (resolved === null || !isUsable(resolved)) throw new Error("not usable");
    expect(resolved.levels.map(({ range }) => range)).toEqual([
      null,
      { z: 1, minX: 1, maxX: 1, minY: 0, maxY: 0 },
      { z: 2, minX: 0, maxX: 2, minY: 1, maxY: 3 },
    ]);
  });

  test("a set that is called as one of ours and is none gets another name", () => {
    const text = wmtsXml({
      layer: "",
      sets: matrixSetXml(
        "WebMercatorQuad",
        CRS84,
        matrixXml({ id: "0", scale: PIXEL_SCALE, corner: "-180 90", width: 1, height: 1 }),
      ),
    });
    const set = parse(text).matrixSets[0] as ServiceMatrixSet;
    const resolved = resolveMatrixSet(set);
    expect(isUsable(resolved) && resolved.grid.id).toBe("WebMercatorQuad of the service");
  });
});
