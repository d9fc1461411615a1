import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../../core/index.ts";
import { parseServiceDescription } from "./parse_service.ts";
import { isUsable, resolveMatrixSet } from "./resolve_matrix_set.ts";

const realData = process.env["TILTH_REAL_DATA"];

/** Kind by folder of the collection; the broken ones by their error. */
const KINDS = { wmts: "wmts", wms: "wms", arcgis: "arcgis", tms: "tms", tilejson: "tilejson", ogcapi: "ogcTiles" };
const BROKEN: Readonly<Record<string, string>> = { "iem_mesonet_130_bom.xml": "source.invalid" };

function kindOrCode(path: string): string {
  try {
    return parseServiceDescription(readFileSync(path), { base: "https://h.example/a/b" }).kind;
  } catch (error) {
    return isTilthError(error) ? error.code : String(error);
  }
}

describe("what is no description", () => {
  const codeOf = (text: string): string => {
    try {
      return parseServiceDescription(new TextEncoder().encode(text)).kind;
    } catch (error) {
      return isTilthError(error) ? `${error.code} ${error.message}` : String(error);
    }
  };

  test.each([
    ["", "source.invalid expected a description of a service, got an empty document"],
    ["  \n", "source.invalid expected a description of a service, got an empty document"],
    ["<!DOCTYPE html><html><head><title> Log in </title>", "an HTML page ('Log in'); is the URL right"],
    ["<html><body>502</body></html>", "an HTML page; is the URL right"],
    ["<!-- a --> <!-- b --><HTML>", "an HTML page; is the URL right"],
    ["<kml/>", "got an XML document <kml>"],
    ["[1]", "source.invalid expected well-formed XML"],
    ['{"type":"FeatureCollection"}', "got another JSON document"],
    ['{"tiles":["https://h/{z}', "JSON that cannot be read"],
    ['{"error":{"code":499,"message":"Token Required"}}', "source.exception the service answered with an exception"],
    ["<ServiceExceptionReport><ServiceException>no</ServiceException></ServiceExceptionReport>", "description: no"],
    ["<Capabilities/>", "expected WMTS capabilities with <Contents>"],
    ["<WMS_Capabilities/>", "expected WMS capabilities with <Capability>"],
    ["<TileMap/>", "expected a TileMap with <TileSet>"],
    ["<CacheInfo/>", "expected an ArcGIS cache with <TileCacheInfo>"],
  ])("'%s' is refused in words", (text, words) => {
    expect(codeOf(text)).toContain(words);
  });

  test("two thousand comments before nothing cost no time", () => {
    const started = performance.now();
    expect(codeOf(`${"<!---->".repeat(2000)}<htm`)).toContain("expected well-formed XML");
    expect(codeOf(`${"<!--".repeat(4000)}<html>`)).toContain("expected well-formed XML");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("a page never shows the key that it repeats", () => {
    const bytes = new TextEncoder().encode("<html><title>unknown key k3y-of-mine</title>");
    expect(() => parseServiceDescription(bytes, { secrets: ["k3y-of-mine"] })).toThrow(/unknown key \*\*\*/);
  });
});

if (realData !== undefined) {
  const root = join(realData, "capabilities");
  describe("real documents", () => {
    for (const [folder, kind] of Object.entries(KINDS))
      test.each(readdirSync(join(root, folder)))(`${folder}/%s`, (name) => {
        expect(kindOrCode(join(root, folder, name))).toBe(BROKEN[name] ?? kind);
      });

    test.each(readdirSync(join(root, "errors")))("errors/%s is told as an exception of the service", (name) => {
      expect(kindOrCode(join(root, "errors", name))).toBe("source.exception");
    });

    // Counted with grep in the files themselves.
    test.each([
      ["wmts/ign_france_full.xml", 349, 3],
      ["wmts/geoserver_gwc_iwlearn.xml", 58, 6],
      ["wmts/eox_maps.xml", 39, 3],
      ["wmts/nasa_eosdis_2012.xml", 55, 4],
      ["wms/massgis_111.xml", 1018, 0],
      ["wms/bom_geofabric_130.xml", 77, 0],
      ["wms/noaa_nowcoast_analyses_111.xml", 54, 0],
      ["wms/brgm_111_utf16.xml", 5, 0],
      ["wms/brgm_111_iso8859-15.xml", 5, 0],
    ])("%s has %i layers and %i matrix sets", (name, layers, sets) => {
      const description = parseServiceDescription(readFileSync(join(root, name)));
      expect([description.layers.length, description.matrixSets.length]).toEqual([layers, sets]);
    });

    test.each([
      ["wmts/arcgis_online.xml", "default028mm", "WebMercatorQuad", 0, 13, "13"],
      ["wmts/geoserver_gwc_iwlearn.xml", "EPSG:900913", "WebMercatorQuad", 0, 30, "EPSG:900913:30"],
      ["wmts/geoserver_gwc_iwlearn.xml", "EPSG:4326", "WorldCRS84Quad", 0, 21, "EPSG:4326:21"],
      ["wmts/ign_france_full.xml", "PM", "WebMercatorQuad", 0, 21, "21"],
      ["wmts/erdas_apollo_2013.xml", "googlemapscompatibleext2:epsg:3857", "WebMercatorQuad", 0, 25, "25"],
      ["wmts/wide_at_low_zoom_limits.xml", "subset", "subset", 0, 2, "2"],
      ["arcgis/mapserver_SingleFusedMapCache.json", "EPSG:3857", "WebMercatorQuad", 15, 19, "19"],
      ["arcgis/compactcacheV2_Conf.xml", "EPSG:3857", "WebMercatorQuad", 0, 19, "19"],
      ["tms/geopf_tilemap_planign.xml", "EPSG:3857", "WebMercatorQuad", 0, 18, "18"],
      ["tms/terria_tilemapresource.xml", "mercator", "WebMercatorQuad", 0, 7, "7"],
      ["ogcapi/ol_WorldCRS84Quad.json", "WorldCRS84Quad", "WorldCRS84Quad", 0, 29, "29"],
    ])("%s: %s is %s from zoom %i to %i, the last named %s", (name, id, grid, minZoom, maxZoom, last) => {
      const set = parseServiceDescription(readFileSync(join(root, name))).matrixSets.find((one) => one.id === id);
      const resolved = set === undefined ? null : resolveMatrixSet(set);
      if (resolved === null || !isUsable(resolved)) throw new Error(`${id} cannot be used`);
      const { levels } = resolved;
      expect([resolved.grid.id, levels[0]?.z, levels.at(-1)?.z, levels.at(-1)?.matrix]).toEqual([
        grid,
        minZoom,
        maxZoom,
        last,
      ]);
    });

    // JHS 180 sets 8192 m a pixel from -548576, 8388608; the others are the corners in the documents, and their denominators times 0.28 mm.
    test.each([
      ["wmts/nls_finland.xml", "ETRS-TM35FIN", "EPSG:3067", [-548_576, 8_388_608], 8192],
      ["wmts/stadt_zuerich_2056.xml", "ktzh", "EPSG:2056", [2_480_237, 1_315_832], 67.733_333],
      ["wmts/kartverket_asdi_polar.xml", "EPSG:3575", "EPSG:3575", [-4_889_334.803, 4_889_334.803], 38_197.928],
    ])("%s: %s is in %s from %j, %f m a pixel", (name, id, crs, corner, cellSize) => {
      const set = parseServiceDescription(readFileSync(join(root, name))).matrixSets.find((one) => one.id === id);
      const resolved = set === undefined ? null : resolveMatrixSet(set);
      if (resolved === null || !isUsable(resolved)) throw new Error(`${id} cannot be used`);
      const first = resolved.grid.getMatrix(0);
      expect([resolved.grid.crs.code, resolved.notes]).toEqual([crs, []]);
      expect(first.cellSize).toBeCloseTo(cellSize, 2);
      for (const axis of [0, 1] as const) expect(first.pointOfOrigin[axis]).toBeCloseTo(corner[axis] ?? Number.NaN, 2);
    });

    test("corners that lie beside the world in either order are not guessed at", () => {
      const { layers, matrixSets } = parseServiceDescription(readFileSync(join(root, "wmts/caris_sfs_world.xml")));
      const set = matrixSets.find(({ id }) => id === "GoogleMapsCompatible");
      expect(set === undefined ? null : resolveMatrixSet(set, null, layers[0]?.bounds)).toMatchObject({
        reason: expect.stringContaining("corners lie outside"),
      });
    });
  });
}
