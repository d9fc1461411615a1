import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { deserialize } from "flatgeobuf/lib/mjs/geojson.js";
import { describe, expect, it, vi } from "vitest";
import { createTransform, getCrs } from "../../crs/index.ts";
import { describeFeatureWriter } from "../../../test/conformance/feature_writer.ts";
import {
  featureBatch,
  FILE_OPTIONS,
  LAYERS,
  placesFrom,
  type TestFeature,
} from "../../../test/support/feature_layers.ts";
import { useTempFolder } from "../../../test/support/temp_folder.ts";
import type { FeatureFileOptions } from "../feature_writer.ts";
import { openFeatureWriter } from "../open_feature_writer.ts";
import { OrderedWriter } from "../ordered_writer.ts";
import { layerPaths, openFlatgeobufSink } from "./open_flatgeobuf_sink.ts";

// The library tells of every node that it looks at.
vi.spyOn(console, "debug").mockImplementation(() => undefined);

type Bounds = readonly [minX: number, minY: number, maxX: number, maxY: number];

interface Header {
  featuresCount: number;
  indexNodeSize: number;
  envelope: Float64Array | null;
  crs: { org: string; code: number; wkt: string } | null;
  title: string;
  metadata: string;
}

interface Read {
  header: Header;
  features: {
    geometry: { type: string; coordinates: TestFeature["coordinates"] };
    properties: Record<string, unknown>;
  }[];
}

/** By the format's own library; over its index when a box is given. */
async function readFile(path: string, box?: Bounds): Promise<Read> {
  const features: Read["features"] = [];
  let header: Header | undefined;
  const rect = box && { minX: box[0], minY: box[1], maxX: box[2], maxY: box[3] };
  const bytes = new Uint8Array(readFileSync(path));
  const keep = (found: unknown): void => void (header = found as Header);
  for await (const feature of deserialize(bytes, { rect, headerMetaFn: keep }))
    features.push(feature as unknown as Read["features"][number]);
  return { header: header!, features };
}

/** Keys of tags come back from the column of all tags; those with a column of their own must say the same. */
function featureOf(layer: (typeof LAYERS)[number], { geometry, properties }: Read["features"][number]): TestFeature {
  const names = new Set(layer.columns.map(({ name }) => name));
  const tags = properties["tags"] as Record<string, string>;
  for (const key of layer.tagKeys) expect(properties[key]).toBe(Object.hasOwn(tags, key) ? tags[key] : undefined);
  const columns = Object.fromEntries(Object.entries(properties).filter(([name]) => names.has(name)));
  return { layer: layer.name, coordinates: geometry.coordinates, columns: columns as never, tags };
}

async function readLayers(path: string): Promise<TestFeature[]> {
  const all: TestFeature[] = [];
  for (const [i, each] of layerPaths(path, { layers: LAYERS }).entries()) {
    if (!existsSync(each)) continue;
    const { features } = await readFile(each);
    all.push(...features.map((feature) => featureOf(LAYERS[i]!, feature)));
  }
  return all;
}

describeFeatureWriter("FlatGeobuf", {
  fileName: "a.fgb",
  read: readLayers,
  leaves: (layers) => layers.map((name) => `a_${name}.fgb`),
  readAttribution: async (path) => {
    const { header } = await readFile(path.replace(".fgb", "_places.fgb"));
    return (JSON.parse(header.metadata) as { attribution: string }).attribution;
  },
});

describe("FlatGeobuf", () => {
  const temp = useTempFolder();
  const layers = LAYERS.slice(0, 1);

  async function writePlaces(features: readonly TestFeature[], options: Partial<FeatureFileOptions> = {}) {
    await using writer = await openFeatureWriter(temp.path("a.fgb"), { ...FILE_OPTIONS, layers, ...options });
    for (let at = 0; at < features.length; at += 1000)
      await writer.write(featureBatch(features.slice(at, at + 1000), layers));
    return await writer.finish();
  }

  const within = (features: readonly TestFeature[], [minX, minY, maxX, maxY]: Bounds): number[] =>
    features
      .filter(
        ({ coordinates: [x, y] }) => Number(x) >= minX && Number(x) <= maxX && Number(y) >= minY && Number(y) <= maxY,
      )
      .map(({ columns }) => Number(columns["osm_id"]))
      .toSorted((a, b) => a - b);

  it.each([1, 2, 16, 17, 256, 257, 5000])("finds %i features by their boxes as brute force does", async (count) => {
    const features = placesFrom(1, count);
    await writePlaces(features);
    const { header } = await readFile(temp.path("a.fgb"));
    expect([header.featuresCount, header.indexNodeSize]).toEqual([count, 16]);
    for (const box of [
      [-180, -90, 180, 90],
      [-180, -85, -179.9, -84.9],
      [-170, -80, -100, -20],
      [5, 5, 5, 5],
    ] as const) {
      const found = (await readFile(temp.path("a.fgb"), box)).features.map(({ properties }) =>
        Number(properties["osm_id"]),
      );
      expect(found.toSorted((a, b) => a - b)).toEqual(within(features, box));
    }
  });

  it("puts neighbours beside each other", async () => {
    const features = placesFrom(1, 5000);
    await writePlaces(features);
    const path = (points: readonly TestFeature["coordinates"][]): number =>
      points.reduce(
        (sum, [x, y], i) =>
          sum + Math.hypot(Number(x) - Number(points[i - 1]?.[0] ?? x), Number(y) - Number(points[i - 1]?.[1] ?? y)),
        0,
      );
    const inFile = (await readFile(temp.path("a.fgb"))).features.map(({ geometry }) => geometry.coordinates);
    // A space-filling curve over 5,000 places in 360 x 170 degrees: about sqrt(5000 * 360 * 170).
    expect(path(inFile)).toBeLessThan(40_000);
  });

  it("writes positions, extent and code in another system", async () => {
    const crs = getCrs("EPSG:2056");
    const features: TestFeature[] = [
      { layer: "places", coordinates: [7.438_637, 46.951_083], columns: {}, tags: {} },
      { layer: "places", coordinates: [8.5, 47.4], columns: {}, tags: {} },
    ];
    const summary = await writePlaces(features, { crs });
    const expected = Float64Array.from(features.flatMap(({ coordinates }) => coordinates as readonly number[]));
    createTransform(getCrs("OGC:CRS84"), crs).apply(expected);
    const { header, features: found } = await readFile(temp.path("a.fgb"));
    const positions = found.map(({ geometry }) => geometry.coordinates as readonly number[]);
    expect(positions.toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
      [...expected.subarray(0, 2)],
      [...expected.subarray(2)],
    ]);
    expect([header.crs?.org, header.crs?.code]).toEqual(["EPSG", 2056]);
    expect(header.crs?.wkt).toContain("LV95");
    expect([...(header.envelope ?? [])]).toEqual(summary.layers[0]?.bbox);
  });

  it("leaves the index out, and says so, when there are too many boxes to hold", async () => {
    const sink = await openFlatgeobufSink(temp.path("a.fgb"), FILE_OPTIONS, { maxBoxes: 100 });
    await using writer = new OrderedWriter(temp.path("a.fgb"), sink);
    const road: TestFeature = {
      layer: "roads",
      coordinates: [
        [0, 0],
        [1, 1],
      ],
      columns: {},
      tags: {},
    };
    await writer.write(featureBatch([...placesFrom(0, 60), road]));
    await writer.write(featureBatch(placesFrom(60, 60)));
    await writer.write(featureBatch(placesFrom(120, 60)));
    const { layers: written } = await writer.finish();
    expect(written.map(({ name, count, isIndexed }) => [name, count, isIndexed])).toEqual([
      ["places", 180, false],
      ["roads", 1, undefined],
      ["routes", 0, undefined],
      ["buildings", 0, undefined],
      ["nothing", 0, undefined],
    ]);
    const places = await readFile(temp.path("a_places.fgb"));
    expect(places.header.indexNodeSize).toBe(0);
    expect(places.features.map(({ properties }) => properties["osm_id"])).toEqual(
      Array.from({ length: 180 }, (_, i) => i),
    );
    expect((await readFile(temp.path("a_roads.fgb"))).header.indexNodeSize).toBe(16);
  });

  it("puts all files at their places or none", async () => {
    writeFileSync(temp.path("a_places.fgb"), "before");
    // No file can take the place of a folder with something in it; set aside it would be gone for good.
    mkdirSync(temp.path("a_roads.fgb.replaced/x"), { recursive: true });
    writeFileSync(temp.path("a_roads.fgb"), "before");
    await using writer = await openFeatureWriter(temp.path("a.fgb"), FILE_OPTIONS);
    await writer.write(featureBatch(placesFrom(0, 3)));
    await expect(writer.finish()).rejects.toMatchObject({ code: "store.io" });
    await writer[Symbol.asyncDispose]();
    expect(readdirSync(temp.path(".")).toSorted()).toEqual(["a_places.fgb", "a_roads.fgb", "a_roads.fgb.replaced"]);
    for (const name of ["a_places.fgb", "a_roads.fgb"]) expect(readFileSync(temp.path(name), "utf8")).toBe("before");
  });
});
