import fc from "fast-check";
import { expect, it } from "vitest";
import { featureBatch, LAYERS, placesFrom } from "../../../test/support/feature_layers.ts";
import { randomFeatures } from "../../../test/support/random_features.ts";
import type { FeatureBatch } from "../feature_batch.ts";
import { tableSpec } from "../table_spec.ts";
import type { EncodedRecords, RecordOptions } from "./encoded_records.ts";
import { packRecords } from "./pack_records.ts";
import { writeRecords } from "./write_records.ts";

const optionsFor = (layers = LAYERS, srsId = 4326): RecordOptions => ({
  tables: layers.map(tableSpec),
  crs: "OGC:CRS84",
  srsId,
});

/** Pieces may end elsewhere. */
function rowsOf(records: EncodedRecords | null) {
  if (records === null) throw new Error("expected a batch that need not go the long way");
  const rows = records.pieces.flatMap(({ layers, ends, bytes, boxes }) =>
    Array.from(layers, (layer, i) => ({
      layer,
      row: Buffer.from(bytes.subarray(ends[i - 1] ?? 0, ends[i])).toString("latin1"),
      box: [...boxes.subarray(4 * i, 4 * i + 4)],
    })),
  );
  return { rows, tally: records.tally };
}

const expectSame = (batch: FeatureBatch, options: RecordOptions): void =>
  expect(rowsOf(packRecords(batch, options))).toEqual(rowsOf(writeRecords(batch, options)));

it("makes the records that the long way makes", () => {
  const options = optionsFor();
  fc.assert(
    fc.property(randomFeatures(false), (features) => {
      expectSame(featureBatch(features), options);
    }),
    { numRuns: 1000 },
  );
});

it("makes those of another file when the options are others", () => {
  const wide = LAYERS.map((layer) => ({ ...layer, tagKeys: Array.from({ length: 300 }, (_, i) => `key ${i}`) }));
  const [one, other] = [optionsFor(), optionsFor(wide, -1)];
  const features = placesFrom(0, 50).map((feature, i) => ({ ...feature, tags: { [`key ${7 * i}`]: "x", name: "y" } }));
  const batch = featureBatch(features);
  for (const options of [one, other, one]) expectSame(batch, options);
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
  const sizes = packRecords(batch, options)?.pieces.map(({ bytes }) => bytes.length) ?? [];
  expect(sizes[0]).toBeGreaterThan(4_800_000);
  expectSame(batch, options);
});

it("cuts a large batch into pieces", () => {
  const options = optionsFor();
  const batch = featureBatch(placesFrom(0, 20_000));
  const sizes = packRecords(batch, options)?.pieces.map(({ bytes }) => bytes.length) ?? [];
  expect(sizes.length).toBeGreaterThan(4);
  for (const size of sizes) expect(size).toBeLessThan(300_000);
  expectSame(batch, options);
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

it("leaves very large rows to the long way, and what comes after is right", () => {
  const options = optionsFor();
  const long = "x".repeat(1_000_000);
  const tags = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, long]));
  const [place] = placesFrom(0, 1);
  if (place === undefined) throw new Error("expected a feature");
  // Its row has a name, and a height, before it turns out to be too large.
  const batch = featureBatch([{ ...place, columns: { ...place.columns, height: 3 }, tags: { name: "n", ...tags } }]);
  const shared = {
    ...batch,
    tags: batch.tags.map((text, i) => (i > 2 && i % 2 === 1 ? (batch.tags[3] as number) : text)),
  };
  expect(packRecords(shared, options)).toBeNull();
  expect(writeRecords(shared, options).pieces[0]?.bytes.length).toBeGreaterThan(20_000_000);
  expectSame(featureBatch(placesFrom(0, 20).map((each) => ({ ...each, tags: {} }))), options);
});

it("leaves indices of what is not there to the long way, which fails", () => {
  const options = optionsFor();
  const batch = featureBatch(placesFrom(0, 3));
  const wrong: Partial<FeatureBatch>[] = [
    { layers: batch.layers.map(() => LAYERS.length) },
    { tags: batch.tags.map(() => batch.strings.length) },
    { columns: { ...batch.columns, osm_type: new Float64Array(3).fill(batch.strings.length) } },
  ];
  for (const change of wrong) expect(packRecords({ ...batch, ...change }, options)).toBeNull();
});
