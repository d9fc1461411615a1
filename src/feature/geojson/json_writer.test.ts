import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonWriter } from "./json_writer.ts";

function written(write: (writer: JsonWriter) => void): string {
  const writer = new JsonWriter();
  write(writer);
  return Buffer.concat(writer.finish()).toString("utf8");
}

describe("a writer of JSON", () => {
  it("writes numbers that are read as the same numbers, in no more digits than they need", () => {
    const units = fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }).map((value) => value / 1e7);
    const numbers = fc.oneof(units, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(numbers, (value) => {
        const text = written((writer) => writer.number(value));
        expect(JSON.parse(text)).toBe(value === 0 ? 0 : value);
        expect(text.length).toBeLessThanOrEqual(Math.max(String(value).length, "-0.0000001".length));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [0, "0"],
    [-0, "0"],
    [-0.5, "-0.5"],
    [7.4216, "7.4216"],
    [-179.9999999, "-179.9999999"],
    [100, "100"],
    [0.0000001, "0.0000001"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e300, "1e+300"],
  ])("writes %d as %s", (value, text) => expect(written((writer) => writer.number(value))).toBe(text));

  it("cuts what is long into chunks, and loses nothing between them", () => {
    const texts = ["é".repeat(700_000), "a".repeat(10), "☕".repeat(2_000_000), "", "b"];
    const writer = new JsonWriter();
    expect(writer.isEmpty).toBe(true);
    for (const text of texts) {
      writer.text(text);
      writer.number(12.5);
      writer.byte(0x5d);
    }
    expect(writer.isEmpty).toBe(false);
    const chunks = writer.finish();
    expect(chunks.length).toBeGreaterThan(2);
    expect(Buffer.concat(chunks).toString("utf8")).toBe(texts.map((text) => `${text}12.5]`).join(""));
    expect(new JsonWriter().finish()).toEqual([]);
  });
});
