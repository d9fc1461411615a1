import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { filterRgba } from "./png_filter.ts";

/** PNG specification, third edition, 9.4: the neighbour that is nearest to a + b - c; ties: a, then b. */
function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (pa <= pb && pa <= pc) return a;
  return pb <= pc ? b : c;
}

/** What is subtracted, by filter type (9.2), of the bytes to the left, above, and above left. */
const PREDICTORS: readonly ((a: number, b: number, c: number) => number)[] = [
  () => 0,
  (a) => a,
  (_a, b) => b,
  (a, b) => (a + b) >> 1,
  paeth,
];

/** Rows of 3 or 4 bytes a pixel, without alpha when 3. */
function takeChannels(rgba: Uint8Array, channels: number): Uint8Array {
  return rgba.filter((_, i) => i % 4 < channels);
}

/** One row under one filter, byte by byte. */
function filterPlainly(type: number, row: Uint8Array, above: Uint8Array, channels: number): Uint8Array {
  const predict = PREDICTORS[type] ?? ((): number => Number.NaN);
  return row.map((x, i) => x - predict(row[i - channels] ?? 0, above[i] ?? 0, above[i - channels] ?? 0));
}

/** Sum of the bytes taken as signed (12.7). */
function costOf(filtered: Uint8Array): number {
  return new Int8Array(filtered).reduce((sum, value) => sum + Math.abs(value), 0);
}

/** Every row by sub, up, average and Paeth; the least sum wins, the first on a tie. */
function filterImagePlainly(pixels: Uint8Array, width: number, height: number, channels: number): number[] {
  const bytes = takeChannels(pixels, channels);
  const rowBytes = width * channels;
  return Array.from({ length: height }, (_, y) => {
    const row = bytes.subarray(y * rowBytes, (y + 1) * rowBytes);
    const above = y === 0 ? new Uint8Array(rowBytes) : bytes.subarray((y - 1) * rowBytes, y * rowBytes);
    const rows = [1, 2, 3, 4].map((type) => ({ type, filtered: filterPlainly(type, row, above, channels) }));
    const best = rows.reduce((least, next) => (costOf(next.filtered) < costOf(least.filtered) ? next : least));
    return [best.type, ...best.filtered];
  }).flat();
}

/** Undoes any of the filters (9.2, the right column). */
function unfilter(rows: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const rowBytes = width * channels;
  const out = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const predict = PREDICTORS[rows[y * (rowBytes + 1)] ?? 0] ?? ((): number => Number.NaN);
    for (let i = 0; i < rowBytes; i++) {
      const at = y * rowBytes + i;
      const [a, c] = i < channels ? [0, 0] : [out[at - channels] ?? 0, out[at - rowBytes - channels] ?? 0];
      out[at] = (rows[at + y + 1] ?? 0) + predict(a, out[at - rowBytes] ?? 0, y === 0 ? 0 : c);
    }
  }
  return out;
}

/** Noise, slopes and flat pieces, so that each filter wins somewhere. */
function image(width: number, height: number, kind: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
    return (
      [state >>> 24, x * 3 + (state >>> 30), y * 5 + (state >>> 31), x + y + (state >>> 29), (x * y) >> 3][kind] ?? 0
    );
  });
}

const sizes = fc.tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 9 }));
const channelsOf = fc.constantFrom<3 | 4>(3, 4);

describe("filterRgba", () => {
  test("chooses and writes what the plain way does, in images of any width", () => {
    const used = new Set<number>();
    fc.assert(
      fc.property(sizes, channelsOf, fc.nat(4), fc.nat(), ([width, height], channels, kind, seed) => {
        const pixels = image(width, height, kind, seed);
        const rows = filterRgba(pixels, width, height, channels);
        for (let y = 0; y < height; y++) used.add(rows[y * (width * channels + 1)] ?? 0);
        expect([...rows]).toEqual(filterImagePlainly(pixels, width, height, channels));
      }),
      { numRuns: 300, seed: 4 },
    );
    expect(used).toEqual(new Set([1, 2, 3, 4]));
  });

  test("unfiltered, the rows are the pixels again", () => {
    fc.assert(
      fc.property(sizes, channelsOf, fc.nat(4), fc.nat(), ([width, height], channels, kind, seed) => {
        const pixels = image(width, height, kind, seed);
        const rows = Uint8Array.from(filterRgba(pixels, width, height, channels));
        expect(rows).toHaveLength((width * channels + 1) * height);
        expect([...unfilter(rows, width, height, channels)]).toEqual([...takeChannels(pixels, channels)]);
      }),
      { numRuns: 200 },
    );
  });

  test("sums of wide rows do not overflow, and a wide image leaves nothing for a narrow one", () => {
    // 16,384 pixels that swing by 128: a sum of 8 million, past 16 bits in each lane.
    const wide = Uint8Array.from({ length: 16_384 * 4 * 2 }, (_, i) => ((i >> 2) % 2 === 0 ? 0 : 128));
    expect(Buffer.compare(filterRgba(wide, 16_384, 2, 4), Buffer.from(filterImagePlainly(wide, 16_384, 2, 4)))).toBe(0);
    const narrow = image(5, 4, 0, 9);
    expect([...filterRgba(narrow, 5, 4, 3)]).toEqual(filterImagePlainly(narrow, 5, 4, 3));
  });
});
