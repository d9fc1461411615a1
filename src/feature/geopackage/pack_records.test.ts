import fc from "fast-check";
import { expect, it } from "vitest";
import { featureBatch, LAYERS, placesFrom } from "../../../test/support/feature_layers.ts";
import { randomFeatures } from "../../../test/support/random_features.ts";
import { tableSpec } from "../table_spec.ts";
import { writeRecords, type RecordOptions } from "./encode_records.ts";
import { packRecords } from "./pack_records.ts";

const optionsFor = (layers = LAYERS, srsId = 4326): RecordOptions => ({
  tables: layers.map(tableSpec),
  crs: "OGC:CRS84",
  srsId,
});

it("makes the records that the long way makes", () => {
  const options = optionsFor();
  fc.assert(
    fc.property(randomFeatures(false), (features) => {
      const batch = featureBatch(features);
      expect(packRecords(batch, options)).toEqual(writeRecords(batch, options));
    }),
    { numRuns: 1000 },
  );
});

it("makes those of another file when the options are others", () => {
  const wide = LAYERS.map((layer) => ({ ...layer, tagKeys: Array.from({ length: 300 }, (_, i) => `key ${i}`) }));
  const [one, other] = [optionsFor(), optionsFor(wide, -1)];
  const features = placesFrom(0, 50).map((feature, i) => ({ ...feature, tags: { [`key ${7 * i}`]: "x", name: "y" } }));
  const batch = featureBatch(features);
  for (const options of [one, other, one]) expect(packRecords(batch, options)).toEqual(writeRecords(batch, options));
});

it("takes a batch whose rows are larger than its memory", () => {
  const options = optionsFor();
  const batch = featureBatch([
    {
      layer: "roads",
      coordinates: Array.from({ length: 300_000 }, (_, i) => [i / 1e4, 1] as const),
      columns: {},
      tags: {},
    },
    ...placesFrom(0, 10),
  ]);
  const packed = packRecords(batch, options);
  expect(packed?.ends[0]).toBeGreaterThan(4_800_000);
  expect(packed).toEqual(writeRecords(batch, options));
});

it("leaves to the long way what is no text, and what is too large", () => {
  const options = optionsFor();
  const [feature] = placesFrom(0, 1);
  if (feature === undefined) throw new Error("expected a feature");
  expect(packRecords(featureBatch([{ ...feature, tags: { name: "half \ud83d" } }]), options)).toBeNull();
  const batch = featureBatch([feature]);
  const geometry = { ...batch.geometry, coordinates: new Float64Array(9_000_000) };
  expect(packRecords({ ...batch, geometry }, options)).toBeNull();
});
