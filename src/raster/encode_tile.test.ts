import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkTileEncoding, encodeTile, OUTPUT_FORMATS, type OutputFormat, type TileEncoding } from "./encode_tile.ts";
import { inspectTile } from "./inspect_tile.ts";
import type { DecodedTile } from "./decoded_tile.ts";
import { decodeTile } from "./pixels.ts";

const SIZE = 16;

/** One colour all over: JPEG keeps it to a step or two. */
function flat(colour: readonly number[], size = SIZE): DecodedTile {
  const data = new Uint8Array(size * size * colour.length);
  for (let i = 0; i < size * size; i++) data.set(colour, i * colour.length);
  return { width: size, height: size, channels: colour.length === 3 ? 3 : 4, data };
}

/** Slopes with an alpha that falls from left to right. */
function slopes(channels: 3 | 4): DecodedTile {
  const size = 64;
  const data = new Uint8Array(size * size * channels);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    data.set([x * 3, y * 3, 90, 255 - x * 4].slice(0, channels), i * channels);
  }
  return { width: size, height: size, channels, data };
}

async function firstPixel(data: Uint8Array): Promise<number[]> {
  return [...(await decodeTile(data)).data.subarray(0, 4)];
}

/** The largest difference of any band. */
function worst(a: readonly number[] | Uint8Array, b: readonly number[] | Uint8Array): number {
  return [...a].reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe("checkTileEncoding", () => {
  test.each<[string, TileEncoding]>([
    ["a quality of 0", { format: "jpeg", quality: 0 }],
    ["a quality of 101", { format: "jpeg", quality: 101 }],
    ["a quality that is not whole", { format: "jpeg", quality: 84.5 }],
    ["a quality that is not a number", { format: "jpeg", quality: Number.NaN }],
    ["an effort of 0", { format: "png", effort: 0 }],
    ["an effort of 10", { format: "png", effort: 10 }],
    ["an effort that is not whole", { format: "png", effort: 2.5 }],
    ["an unknown format", { format: "gif" as OutputFormat }],
    ["a name that every object has", { format: "constructor" as OutputFormat }],
  ])("refuses %s", (_name, encoding) => {
    expect(() => checkTileEncoding(encoding)).toThrowError(
      expect.objectContaining({
        code: "argument.invalid",
        message: expect.stringContaining("expected a format of png"),
      }),
    );
  });

  test("takes every format at both ends of quality and effort", () => {
    for (const format of OUTPUT_FORMATS)
      for (const [quality, effort] of [
        [1, 1],
        [100, 9],
        [undefined, undefined],
      ] as const)
        expect(() => checkTileEncoding({ format, quality, effort })).not.toThrow();
  });
});

describe("encodeTile", () => {
  test.each(["png", "jpeg", "webp"] as const)("writes %s of 3 and of 4 channels, as its bytes tell", async (format) => {
    for (const channels of [3, 4] as const) {
      const tile = await encodeTile(slopes(channels), { format });
      expect(tile.format).toBe(format);
      expect(inspectTile(tile.data)).toEqual({ format, width: 64, height: 64 });
      // Bytes that can be handed to another thread without taking a pool along.
      expect(tile.data.buffer.byteLength).toBe(tile.data.byteLength);
    }
  });

  test("png loses nothing, of 3 channels as of 4", async () => {
    const [rgb, rgba] = [slopes(3), slopes(4)];
    const decoded = await decodeTile((await encodeTile(rgba, { format: "png" })).data);
    // A wholly clear pixel may lose its colour; none is here.
    expect(Buffer.compare(decoded.data, rgba.data)).toBe(0);
    const opaque = await decodeTile((await encodeTile(rgb, { format: "png" })).data);
    expect(
      Buffer.compare(
        opaque.data.filter((_, i) => i % 4 < 3),
        rgb.data,
      ),
    ).toBe(0);
    expect(opaque.data.every((value, i) => i % 4 < 3 || value === 255)).toBe(true);
  });

  test("jpeg lays what is clear over white, by its alpha", async () => {
    const colour = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(colour, async ([red, green, blue, alpha]) => {
        const { data } = await encodeTile(flat([red, green, blue, alpha]), { format: "jpeg", quality: 100 });
        const expected = [red, green, blue].map((band) => (band * alpha + 255 * (255 - alpha)) / 255);
        // Rounding to YCbCr and back, and chroma of half resolution: 3 steps at the most were seen.
        expect(worst(expected, await firstPixel(data))).toBeLessThanOrEqual(3);
      }),
      { numRuns: 60 },
    );
  });

  test("jpeg of 3 channels, of opaque 4, and of 4 that the caller knows to be opaque is the same file", async () => {
    const rgb = slopes(3);
    const rgba = new Uint8Array(64 * 64 * 4).map((_, i) =>
      i % 4 === 3 ? 255 : (rgb.data[(i >> 2) * 3 + (i % 4)] ?? 0),
    );
    const whole: DecodedTile = { width: 64, height: 64, channels: 4, data: rgba };
    const { data } = await encodeTile(rgb, { format: "jpeg" });
    expect((await encodeTile(whole, { format: "jpeg" })).data).toEqual(data);
    expect((await encodeTile(whole, { format: "jpeg" }, true)).data).toEqual(data);
  });

  test("webp keeps the alpha exactly", async () => {
    const image = slopes(4);
    const { data } = await decodeTile((await encodeTile(image, { format: "webp" })).data);
    const alphas = (pixels: Uint8Array): number[] => [...pixels].filter((_, i) => i % 4 === 3);
    expect(alphas(data)).toEqual(alphas(image.data));
  });

  test("mixed is JPEG where all is opaque and PNG where one pixel is not", async () => {
    const image = flat([10, 20, 30, 255]);
    expect((await encodeTile(image, { format: "mixed" })).format).toBe("jpeg");
    expect((await encodeTile(flat([10, 20, 30]), { format: "mixed" })).format).toBe("jpeg");
    image.data[SIZE * SIZE * 4 - 1] = 254;
    const tile = await encodeTile(image, { format: "mixed" });
    expect(tile.format).toBe("png");
    expect(Buffer.compare((await decodeTile(tile.data)).data, image.data)).toBe(0);
  });

  test("a lower quality makes smaller files of JPEG and WebP, more effort no larger ones", async () => {
    const image = slopes(3);
    for (const format of ["jpeg", "webp"] as const) {
      const size = async (more: Partial<TileEncoding>): Promise<number> =>
        (await encodeTile(image, { format, ...more })).data.length;
      expect(await size({ quality: 20 })).toBeLessThan(await size({ quality: 95 }));
      expect(await size({ effort: 9 })).toBeLessThanOrEqual(await size({ effort: 1 }));
    }
  });

  test("does not write to the pixels it is given", async () => {
    for (const format of OUTPUT_FORMATS) {
      const image = slopes(4);
      await encodeTile(image, { format });
      expect(Buffer.compare(image.data, slopes(4).data)).toBe(0);
    }
  });

  test.each(OUTPUT_FORMATS)("%s takes pixels that lie anywhere in a buffer", async (format) => {
    for (const image of [slopes(3), slopes(4)]) {
      const odd = Buffer.concat([Uint8Array.of(0), image.data]).subarray(1);
      expect(await encodeTile({ ...image, data: odd }, { format })).toEqual(await encodeTile(image, { format }));
      const view = new Uint8Array(image.data.length + 3).subarray(3);
      view.set(image.data);
      expect(await encodeTile({ ...image, data: view }, { format })).toEqual(await encodeTile(image, { format }));
    }
  });
});
