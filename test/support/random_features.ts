import fc from "fast-check";
import type { Position, TestFeature } from "./feature_layers.ts";

/** Seven decimals at the most, as OpenStreetMap has. */
const units = fc.oneof(
  fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }).map((value) => value / 1e7),
  fc.constantFrom(0, -0, 1e-7, -1e-7, 180, -180),
);
const degrees = fc.oneof(units, fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(5e-324));
/** No image in the file's system. */
const nowhere = fc.constantFrom<Position>([Number.NaN, 1], [1, Number.POSITIVE_INFINITY]);

/** Short ones of few kinds, so that keys are columns and values are shared, and any others. */
const text = fc.oneof(
  fc.constantFrom(
    "name",
    "layer",
    "osm_id",
    "layer_2",
    "",
    'a "b" \\ c',
    "\n\t\u0001\u0085\u2028\u2029",
    "Zürich 東京 \u{1f600}",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ minLength: 15, maxLength: 300 }),
);
const decimal = fc.oneof(
  fc.integer({ min: -300, max: 70_000 }),
  fc.maxSafeInteger(),
  fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 100),
  fc.constantFrom(0, -0, 1, -1, 127, -128, -129, 2 ** 31, -(2 ** 31), 2 ** 47, -(2 ** 47) - 1, 0.5, 1e-6),
);
const number = fc.oneof(decimal, fc.double({ noNaN: true }), fc.constantFrom(2 ** 53, 1e-7));
const tags = fc.dictionary(text, text, { maxKeys: 5 });

/** Features of the layers of `feature_layers.ts`. @param isDecimal with numbers of seven decimals at the most, else any */
export function randomFeatures(isDecimal: boolean): fc.Arbitrary<TestFeature[]> {
  const degree = isDecimal ? units : degrees;
  const position = fc.tuple(degree, degree) as fc.Arbitrary<Position>;
  const anywhere = fc.oneof({ weight: 60, arbitrary: position }, { weight: 1, arbitrary: nowhere });
  const line = fc.array(anywhere, { minLength: 1, maxLength: 12 });
  const lines = fc.array(line, { minLength: 1, maxLength: 4 });
  const value = isDecimal ? decimal : number;
  const columns = fc.record({ osm_id: value, osm_type: text, height: value }, { requiredKeys: [] });
  return fc.array(
    fc.oneof(
      fc.record({ layer: fc.constant("places"), coordinates: anywhere, columns, tags }),
      fc.record({ layer: fc.constant("roads"), coordinates: line, columns, tags }),
      fc.record({ layer: fc.constant("routes"), coordinates: lines, columns, tags }),
      fc.record({
        layer: fc.constant("buildings"),
        coordinates: fc.array(lines, { minLength: 1, maxLength: 3 }),
        columns,
        tags,
      }),
    ),
    { minLength: 1, maxLength: 30 },
  );
}
