import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createTransform, getCrs } from "../../crs/index.ts";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type Position,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { readGeometry } from "../../../test/support/read_geopackage_features.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { FeatureFileOptions, FeatureFileSummary, FeatureLayer } from "../feature_writer.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";

const temp = useTempFolder();
const road: TestFeature = {
  layer: "roads",
  coordinates: [
    [7, 46],
    [8, 47.5],
  ],
  columns: {},
  tags: {},
};

async function write(
  features: readonly TestFeature[],
  options: Partial<FeatureFileOptions> = {},
): Promise<{ summary: FeatureFileSummary; all: (sql: string) => Record<string, unknown>[] }> {
  await using writer = await openFeatureWriter(temp.path("a.gpkg"), { ...FILE_OPTIONS, ...options });
  await writer.write(featureBatch(features, options.layers));
  const summary = await writer.finish();
  const all = (sql: string): Record<string, unknown>[] => {
    using db = new DatabaseSync(temp.path("a.gpkg"), { readOnly: true });
    return db
      .prepare(sql)
      .all()
      .map((each) => ({ ...each }));
  };
  return { summary, all };
}

describe("a GeoPackage of features", () => {
  it("has the rows that the standard asks for", async () => {
    const { all } = await write([...placesFrom(0, 2), road]);
    expect(
      all(
        "SELECT table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents",
      ),
    ).toEqual([
      {
        table_name: "places",
        data_type: "features",
        identifier: "Places",
        description: "points",
        min_x: -180,
        min_y: -85,
        max_x: -179.9,
        max_y: -84.9,
        srs_id: 4326,
      },
      {
        table_name: "roads",
        data_type: "features",
        identifier: "Roads",
        description: "lines",
        min_x: 7,
        min_y: 46,
        max_x: 8,
        max_y: 47.5,
        srs_id: 4326,
      },
    ]);
    const geometry = { column_name: "geom", srs_id: 4326, z: 0, m: 0 };
    expect(all("SELECT * FROM gpkg_geometry_columns")).toEqual([
      { table_name: "places", geometry_type_name: "POINT", ...geometry },
      { table_name: "roads", geometry_type_name: "LINESTRING", ...geometry },
    ]);
    expect(all("SELECT table_name t, column_name c, extension_name e, scope s FROM gpkg_extensions")).toEqual([
      { t: "gpkg_metadata", c: null, e: "gpkg_metadata", s: "read-write" },
      { t: "gpkg_metadata_reference", c: null, e: "gpkg_metadata", s: "read-write" },
      { t: "gpkg_data_columns", c: null, e: "gpkg_schema", s: "read-write" },
      { t: "gpkg_data_column_constraints", c: null, e: "gpkg_schema", s: "read-write" },
      { t: "places", c: "geom", e: "gpkg_rtree_index", s: "write-only" },
      { t: "roads", c: "geom", e: "gpkg_rtree_index", s: "write-only" },
    ]);
    expect(all("SELECT table_name, column_name, description FROM gpkg_data_columns")).toEqual([
      { table_name: "places", column_name: "osm_id", description: "id of the object" },
      { table_name: "places", column_name: "height", description: "metres" },
    ]);
    expect(all("PRAGMA foreign_key_check")).toEqual([]);
    expect(all("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });

  it("says for each layer where it comes from", async () => {
    const { all } = await write([...placesFrom(0, 2), road]);
    const rows = all(`SELECT r.table_name, r.reference_scope, r.timestamp, m.md_scope, m.mime_type, m.metadata
      FROM gpkg_metadata_reference r JOIN gpkg_metadata m ON m.id = r.md_file_id`);
    expect(rows.map(({ table_name: name }) => name)).toEqual(["places", "roads"]);
    for (const row of rows) {
      expect(row).toMatchObject({
        reference_scope: "table",
        timestamp: "2026-11-25T00:00:00.000Z",
        md_scope: "dataset",
        mime_type: "application/json",
      });
      expect(JSON.parse(String(row["metadata"]))).toEqual({
        attribution: FILE_OPTIONS.attribution,
        generator: "tilth test",
        source: "test.osm.pbf",
        license: "ODbL-1.0",
        licenseUrl: "https://opendatacommons.org/licenses/odbl/1-0/",
        dataTime: "2026-01-02T00:00:00.000Z",
        writtenAt: "2026-11-25T00:00:00.000Z",
      });
    }
  });

  it("has positions, envelopes and extents in another system, and counts what has no image there", async () => {
    const crs = getCrs("EPSG:2056");
    const lines: TestFeature[] = [
      [
        [7.438_637, 46.951_083],
        [7.5, 46.9],
      ],
      [
        [8.5, 47.4],
        [8.6, 47.3],
        [8.7, 47.5],
      ],
    ].map((coordinates): TestFeature => ({
      layer: "roads",
      coordinates: coordinates as [number, number][],
      columns: {},
      tags: {},
    }));
    const nowhere: TestFeature = {
      ...road,
      coordinates: [
        [7, 46],
        [7, Number.NaN],
      ],
    };
    const { summary, all } = await write([nowhere, ...lines], { crs });
    expect(summary.unprojectable).toBe(1);
    const expected = lines.map(({ coordinates }) => {
      const flat = Float64Array.from((coordinates as readonly Position[]).flat());
      createTransform(getCrs("OGC:CRS84"), crs).apply(flat);
      return [...flat];
    });
    const geometries = all("SELECT geom FROM roads ORDER BY fid").map(({ geom }) => readGeometry(geom as Uint8Array));
    expect(geometries.map(({ coordinates }) => coordinates.flat())).toEqual(expected);
    const extreme = (axis: number, pick: (...values: number[]) => number, of = expected.flat()): number =>
      pick(...of.filter((_value, i) => i % 2 === axis));
    for (const [i, { srsId, envelope }] of geometries.entries()) {
      const of = expected[i];
      expect(srsId).toBe(2056);
      expect(envelope).toEqual([
        extreme(0, Math.min, of),
        extreme(0, Math.max, of),
        extreme(1, Math.min, of),
        extreme(1, Math.max, of),
      ]);
    }
    const extent = [extreme(0, Math.min), extreme(1, Math.min), extreme(0, Math.max), extreme(1, Math.max)];
    expect(summary.layers[1]?.bbox).toEqual(extent);
    expect(
      all("SELECT min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents").map((row) => Object.values(row)),
    ).toEqual([[...extent, 2056]]);
    expect(all("SELECT organization FROM gpkg_spatial_ref_sys WHERE srs_id = 2056")).toEqual([
      { organization: "EPSG" },
    ]);
  });

  it("counts points at the pole that a conic projection sends to infinity", async () => {
    const points = [
      [10, 50],
      [10, -90],
    ].map((coordinates): TestFeature => ({ ...placesFrom(0, 1)[0]!, coordinates: coordinates as [number, number] }));
    const { summary } = await write(points, { crs: getCrs("EPSG:3034") });
    expect([summary.unprojectable, summary.layers[0]?.count]).toEqual([1, 1]);
  });

  it("gives columns names of their own whatever tags are called", async () => {
    const keys = ["fid", "geom", "tags", "OSM_ID", "Fid", "osm_id_2", 'quo"te', "a b", "name", "NAME", ""];
    const layer: FeatureLayer = { ...LAYERS[0]!, tagKeys: keys.filter((key) => key !== "") };
    const tags = Object.fromEntries(keys.map((key, i) => [key, `value ${i}`]));
    const { all } = await write([{ layer: "places", coordinates: [1, 2], columns: { osm_id: 7 }, tags }], {
      layers: [layer],
    });
    const [row = {}] = all("SELECT * FROM places");
    const { geom: _geom, tags: json, ...values } = row;
    expect(values).toEqual({
      fid: 1,
      osm_id: 7,
      osm_type: null,
      height: null,
      fid_2: "value 0",
      geom_2: "value 1",
      tags_2: "value 2",
      OSM_ID_2: "value 3",
      Fid_3: "value 4",
      osm_id_2_2: "value 5",
      'quo"te': "value 6",
      "a b": "value 7",
      name: "value 8",
      NAME_2: "value 9",
    });
    expect(JSON.parse(String(json))).toEqual(tags);
  });

  it("takes as many columns as SQLite does, and refuses more before a file is made", async () => {
    const layerOf = (count: number): FeatureLayer => ({
      ...LAYERS[1]!,
      tagKeys: Array.from({ length: count }, (_, i) => `key${i}`),
    });
    const tagged: TestFeature = { ...road, tags: { key0: "first", key1996: "last" } };
    const { all } = await write([tagged], { layers: [layerOf(1997)] });
    expect(all("SELECT key0, key1996 FROM roads")).toEqual([{ key0: "first", key1996: "last" }]);
    const refused = openFeatureWriter(temp.path("b.gpkg"), { ...FILE_OPTIONS, layers: [layerOf(1998)] });
    await expect(refused).rejects.toMatchObject({ code: "argument.invalid", message: expect.stringContaining("2001") });
  });
});
