import {
  BatchBuilder,
  type FeatureBatch,
  type FeatureFileOptions,
  type FeatureLayer,
} from "../../src/feature/index.ts";

export const LAYERS: readonly FeatureLayer[] = [
  {
    name: "places",
    title: "Places",
    description: "points",
    geometry: "point",
    columns: [
      { name: "osm_id", type: "integer", description: "id of the object" },
      { name: "osm_type", type: "text" },
      { name: "height", type: "real", description: "metres" },
    ],
    tagKeys: ["name", "layer"],
  },
  { name: "roads", title: "Roads", description: "lines", geometry: "line", columns: [], tagKeys: ["name"] },
  { name: "routes", title: "Routes", description: "many lines", geometry: "multiLine", columns: [], tagKeys: [] },
  {
    name: "buildings",
    title: "Buildings",
    description: "areas",
    geometry: "multiPolygon",
    columns: [
      { name: "osm_id", type: "integer" },
      { name: "osm_type", type: "text" },
    ],
    tagKeys: ["name"],
  },
  { name: "nothing", title: "Nothing", description: "gets no feature", geometry: "line", columns: [], tagKeys: [] },
];

export const FILE_OPTIONS: FeatureFileOptions = {
  layers: LAYERS,
  attribution: "(c) OpenStreetMap contributors, ODbL 1.0",
  provenance: {
    generator: "tilth test",
    source: "test.osm.pbf",
    dataTimeMs: Date.UTC(2026, 0, 2),
    writtenAtMs: Date.UTC(2026, 10, 25),
    license: "ODbL-1.0",
    licenseUrl: "https://opendatacommons.org/licenses/odbl/1-0/",
  },
};

export type Position = readonly [x: number, y: number];

/** A feature in the words of GeoJSON: of a point, of a line, of lines, of polygons with their holes. */
export interface TestFeature {
  readonly layer: string;
  readonly coordinates:
    | Position
    | readonly Position[]
    | readonly (readonly Position[])[]
    | readonly (readonly (readonly Position[])[])[];
  /** Without those that are null. */
  readonly columns: Readonly<Record<string, number | string>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Rings of each part. */
function partsOf(feature: TestFeature, kind: FeatureLayer["geometry"]): readonly (readonly (readonly Position[])[])[] {
  const { coordinates } = feature;
  if (kind === "point") return [[[coordinates as Position]]];
  if (kind === "line") return [[coordinates as readonly Position[]]];
  if (kind === "multiLine") return (coordinates as readonly (readonly Position[])[]).map((line) => [line]);
  return coordinates as readonly (readonly (readonly Position[])[])[];
}

export function featureBatch(features: readonly TestFeature[], layers: readonly FeatureLayer[] = LAYERS): FeatureBatch {
  const builder = new BatchBuilder();
  for (const feature of features) {
    const index = layers.findIndex(({ name }) => name === feature.layer);
    const kind = layers[index]?.geometry ?? "point";
    for (const rings of partsOf(feature, kind)) {
      for (const ring of rings) {
        for (const [x, y] of ring) builder.addPosition(x, y);
        builder.endRing();
      }
      builder.endPart();
    }
    for (const [key, value] of Object.entries(feature.tags))
      builder.addTag(builder.addString(key), builder.addString(value));
    for (const [name, value] of Object.entries(feature.columns))
      builder.setValue(name, typeof value === "string" ? builder.addString(value) : value);
    builder.endFeature(index, kind);
  }
  return builder.finish();
}

/** Points along a line, numbered from `first`. */
export function placesFrom(first: number, count: number): TestFeature[] {
  return Array.from({ length: count }, (_, i) => ({
    layer: "places",
    coordinates: [((first + i) % 3600) / 10 - 180, ((first + i) % 1700) / 10 - 85] as const,
    columns: { osm_id: first + i, osm_type: "node" },
    tags: { name: `place ${first + i}` },
  }));
}
