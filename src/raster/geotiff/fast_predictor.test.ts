import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeDifferences, makeFloatDifferences } from "./apply_predictor.ts";
import { runPredictor, separateFast } from "./fast_predictor.ts";
import { undoDifferences, undoFloatPredictor } from "./predictor.ts";

const shapes = fc.record({
  valueBytes: fc.constantFrom(1, 2, 4),
  bands: fc.integer({ min: 1, max: 5 }),
  columns: fc.integer({ min: 1, max: 40 }),
  rows: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
});

function bytesOf(length: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
}

const words = (bytes: Uint8Array<ArrayBuffer>, valueBytes: number) =>
  valueBytes === 1
    ? bytes
    : valueBytes === 2
      ? new Uint16Array(bytes.buffer, 0, bytes.length / 2)
      : new Uint32Array(bytes.buffer, 0, bytes.length / 4);

describe("runPredictor", () => {
  it("makes and undoes differences as the plain code does, for any size, bands and width", () => {
    fc.assert(
      fc.property(shapes, ({ valueBytes, bands, columns, rows, seed }) => {
        const rowValues = columns * bands;
        const [fast, plain] = [
          bytesOf(rowValues * valueBytes * rows, seed),
          bytesOf(rowValues * valueBytes * rows, seed),
        ];
        const original = fast.slice();
        runPredictor("makeDifferences", { bytes: fast, valueBytes, rowValues, bands });
        makeDifferences(words(plain, valueBytes), rowValues, bands);
        expect(fast).toEqual(plain);
        runPredictor("undoDifferences", { bytes: fast, valueBytes, rowValues, bands });
        undoDifferences(plain, valueBytes * 8, rowValues, bands);
        expect(plain).toEqual(original);
        expect(fast).toEqual(original);
      }),
    );
  });

  it("makes and undoes those of fractions", () => {
    fc.assert(
      fc.property(shapes, ({ bands, columns, rows, seed }) => {
        const rowValues = columns * bands;
        const [fast, plain] = [bytesOf(rowValues * 4 * rows, seed), bytesOf(rowValues * 4 * rows, seed)];
        const original = fast.slice();
        runPredictor("makeFloats", { bytes: fast, valueBytes: 4, rowValues, bands });
        makeFloatDifferences(plain, 4, rowValues, bands);
        expect(fast).toEqual(plain);
        runPredictor("undoFloats", { bytes: fast, valueBytes: 4, rowValues, bands });
        undoFloatPredictor(plain, 4, rowValues, bands);
        expect(plain).toEqual(original);
        expect(fast).toEqual(original);
      }),
    );
  });

  it("separates bands", () => {
    fc.assert(
      fc.property(shapes, ({ valueBytes, bands, columns, rows, seed }) => {
        const bytes = bytesOf(columns * rows * bands * valueBytes, seed);
        const mixed = words(bytes.slice(), valueBytes);
        separateFast(bytes, valueBytes, bands);
        const count = columns * rows;
        const expected = Array.from(mixed, (_, i) => mixed[(i % count) * bands + Math.floor(i / count)]);
        expect(Array.from(words(bytes, valueBytes))).toEqual(expected);
      }),
    );
  });

  it("leaves what is no whole row as it is", () => {
    const bytes = Uint8Array.of(1, 1, 1, 1, 9);
    runPredictor("undoDifferences", { bytes, valueBytes: 1, rowValues: 2, bands: 1 });
    expect([...bytes]).toEqual([1, 2, 1, 2, 9]);
  });
});
