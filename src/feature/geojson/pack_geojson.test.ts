import fc from "fast-check";
import { expect, it } from "vitest";
import { featureBatch, LAYERS, placesFrom, type TestFeature } from "../../../test/support/feature_layers.ts";
import { randomFeatures } from "../../../test/support/random_features.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import type { EncodedGeojson, GeojsonOptions } from "./encoded_geojson.ts";
import { packGeojson } from "./pack_geojson.ts";
import { writeGeojson } from "./write_geojson.ts";

const OPTIONS: GeojsonOptions = { layers: LAYERS, before: "\u001e", between: ",\n" };

/** Chunks may end elsewhere. */
const textOf = ({ chunks, tally }: EncodedGeojson) => ({ text: Buffer.concat(chunks).toString(), tally });

function expectSame(features: readonly TestFeature[], options = OPTIONS): void {
  const packed = packGeojson(featureBatch(features), options);
  if (packed === null) throw new Error("expected a batch that need not go the long way");
  expect(textOf(packed)).toEqual(textOf(writeGeojson(featureBatch(features), options)));
}

it("writes the text that the long way writes", () => {
  fc.assert(
    fc.property(randomFeatures(true), (features) => expectSame(features)),
    { numRuns: 1000 },
  );
});

it("names tags as each layer wants them, and writes another file's layers when the options are others", () => {
  const tags = { layer: "1", osm_id: "x", osm_id_2: "y", layer_2_2: "z", name: "n" };
  const features: TestFeature[] = [
    { layer: "places", coordinates: [1, 2], columns: { osm_id: 7, osm_type: "node" }, tags },
    {
      layer: "roads",
      coordinates: [
        [1, 2],
        [3, 4],
      ],
      columns: {},
      tags,
    },
  ];
  expectSame(features);
  expectSame(features, { layers: LAYERS.slice(0, 2), before: "", between: "\n" });
  expectSame(features);
});

it("cuts a large batch into chunks", () => {
  const features = placesFrom(0, 20_000).map((place, i) => ({ ...place, coordinates: [i / 200, 1] as const }));
  const packed = packGeojson(featureBatch(features), OPTIONS);
  const lengths = (packed?.chunks ?? []).map(({ length }) => length);
  expect(lengths.length).toBeGreaterThan(2);
  for (const length of lengths) expect(length).toBeLessThan(1_100_000);
  expectSame(features);
  const line = Array.from({ length: 300_000 }, (_, i) => [i / 1e4, 1] as const);
  expectSame([
    ...features.slice(0, 5),
    { layer: "roads", coordinates: line, columns: {}, tags: {} },
    ...features.slice(5, 10),
  ]);
});

it("leaves to the long way what has more decimals, is no text, or is too large", () => {
  const [place] = placesFrom(0, 1);
  if (place === undefined) throw new Error("expected a feature");
  const isPacked = (changes: Partial<TestFeature>): boolean =>
    packGeojson(featureBatch([{ ...place, ...changes }]), OPTIONS) !== null;
  expect(isPacked({})).toBe(true);
  expect(isPacked({ coordinates: [1 / 3, 1] })).toBe(false);
  expect(isPacked({ columns: { height: 1e-7 } })).toBe(false);
  expect(isPacked({ columns: { height: 2 ** 60 } })).toBe(false);
  expect(isPacked({ tags: { name: "half \ud83d" } })).toBe(false);
  const batch = featureBatch([place]);
  const geometry = { ...batch.geometry, coordinates: new Float64Array(9_000_000) };
  expect(packGeojson({ ...batch, geometry }, OPTIONS)).toBeNull();
});

it("writes the kind of an object that no column has room for", () => {
  const features = placesFrom(0, 200).map((place, i) => ({
    ...place,
    layer: "roads",
    coordinates: [
      [i / 200, 1],
      [i / 200, 2],
    ] as const,
    columns: { osm_id: i, osm_type: "way".repeat(5000) },
  }));
  expectSame(features);
});

it("leaves to the long way more names than it can tell apart, very large features, and what is not there", () => {
  const keys = Array.from({ length: 70_000 }, (_, i) => [`k${i}_2`, "x"]);
  expect(
    packGeojson(
      featureBatch([{ layer: "places", coordinates: [1, 1], columns: {}, tags: Object.fromEntries(keys) }]),
      OPTIONS,
    ),
  ).toBeNull();
  const line = Array.from({ length: 400_000 }, (_, i) => [i / 1e4, 1] as const);
  expect(packGeojson(featureBatch([{ layer: "roads", coordinates: line, columns: {}, tags: {} }]), OPTIONS)).toBeNull();
  const batch = featureBatch(placesFrom(0, 3).map((place) => ({ ...place, coordinates: [1, 1] as const })));
  expect(packGeojson(batch, OPTIONS)).not.toBeNull();
  const wrong: Partial<FeatureBatch>[] = [
    { layers: batch.layers.map(() => LAYERS.length) },
    { tags: batch.tags.map(() => batch.strings.length) },
    { columns: { ...batch.columns, osm_type: new Float64Array(3).fill(batch.strings.length) } },
  ];
  for (const change of wrong) expect(packGeojson({ ...batch, ...change }, OPTIONS)).toBeNull();
});
