import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { getCrs } from "../../crs/index.ts";
import { describeFeatureWriter } from "../../../test/conformance/feature_writer.ts";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";
import { tagPropertyNames } from "./property_names.ts";

interface GeojsonFeature {
  type: string;
  id?: string;
  attribution?: string;
  properties: Record<string, string | number>;
  geometry: { type: string; coordinates: TestFeature["coordinates"] };
}

const TYPES = { point: "Point", line: "LineString", multiLine: "MultiLineString", multiPolygon: "MultiPolygon" };

function parse(path: string): GeojsonFeature[] {
  const text = readFileSync(path, "utf8");
  if (path.endsWith(".geojson")) return (JSON.parse(text) as { features: GeojsonFeature[] }).features;
  expect(text).not.toMatch(/[\u0085\u2028\u2029]/);
  const records = text.split("\n").slice(0, -1);
  const marked = path.endsWith(".geojsons");
  return records.map((record) => {
    expect(record.startsWith("\u001e")).toBe(marked);
    return JSON.parse(marked ? record.slice(1) : record) as GeojsonFeature;
  });
}

function featureOf({ type, id, properties, geometry }: GeojsonFeature): TestFeature {
  const layer = LAYERS.find(({ name }) => name === properties["layer"])!;
  expect([type, geometry.type]).toEqual(["Feature", TYPES[layer.geometry]]);
  const names = layer.columns.map(({ name }) => name);
  const entries = Object.entries(properties).filter(([name]) => name !== "layer");
  const columns = Object.fromEntries(entries.filter(([name]) => names.includes(name)));
  // `layer` is no column of the layers' own: of the tags only it and `layer_2` are renamed.
  const tags = entries.filter(([name]) => !names.includes(name)) as [string, string][];
  const keys = tags.map(([name, value]) => [name.replace(/^layer((_2)*)_2$/, "layer$1"), value]);
  const known = columns["osm_id"] !== undefined && columns["osm_type"] !== undefined;
  expect(id).toBe(known ? `${columns["osm_type"]}/${columns["osm_id"]}` : undefined);
  return { layer: layer.name, coordinates: geometry.coordinates, columns, tags: Object.fromEntries(keys) as never };
}

for (const fileName of ["a.geojson", "a.geojsonl", "a.geojsons", "a.ndjson"]) {
  describeFeatureWriter(fileName, {
    fileName,
    read: (path) => Promise.resolve(parse(path).map(featureOf)),
    leaves: () => [fileName],
    readAttribution: (path) => {
      const whole = fileName === "a.geojson" ? JSON.parse(readFileSync(path, "utf8")) : parse(path)[0];
      return Promise.resolve((whole as { attribution: string }).attribution);
    },
  });
}

describe("GeoJSON", () => {
  const temp = useTempFolder();

  it("is refused in another system than lon/lat, and makes nothing", async () => {
    const crs = getCrs("EPSG:2056");
    const opened = openFeatureWriter(temp.path("a.geojson"), { ...FILE_OPTIONS, crs });
    await expect(opened).rejects.toMatchObject({
      code: "crs.unsupported",
      message: expect.stringContaining("EPSG:2056"),
    });
  });

  it("says where the features come from, and is whole without any", async () => {
    await using writer = await openFeatureWriter(temp.path("a.geojson"), FILE_OPTIONS);
    await writer.finish();
    expect(JSON.parse(readFileSync(temp.path("a.geojson"), "utf8"))).toEqual({
      type: "FeatureCollection",
      attribution: FILE_OPTIONS.attribution,
      provenance: {
        generator: "tilth test",
        source: "test.osm.pbf",
        license: "ODbL-1.0",
        licenseUrl: "https://opendatacommons.org/licenses/odbl/1-0/",
        dataTime: "2026-01-02T00:00:00.000Z",
        writtenAt: "2026-11-25T00:00:00.000Z",
      },
      features: [],
    });
  });

  it("names who must be named once in a file of lines, on the first feature that is written", async () => {
    await using writer = await openFeatureWriter(temp.path("a.geojsonl"), FILE_OPTIONS);
    const nowhere: TestFeature = { layer: "places", coordinates: [Number.NaN, 0], columns: {}, tags: {} };
    for (const features of [[nowhere], placesFrom(0, 2), placesFrom(2, 2)]) await writer.write(featureBatch(features));
    await writer.finish();
    const attributions = parse(temp.path("a.geojsonl")).map(({ attribution }) => attribution);
    expect(attributions).toEqual([FILE_OPTIONS.attribution, undefined, undefined, undefined]);
  });

  it("never makes one property of two keys", () => {
    const layer = { ...LAYERS[1]!, columns: [{ name: "height_2", type: "real" as const }] };
    const keys = ["layer", "layer_2", "layer_2_2", "height", "height_2", "height_2_2", "name", "name_2", "_2", ""];
    const names = keys.map(tagPropertyNames(layer));
    expect(new Set([...names, "layer", "height_2"]).size).toBe(keys.length + 2);
    expect(names.slice(6)).toEqual(keys.slice(6));
  });
});
