import fc from "fast-check";
import sharp, { type PngOptions as SharpPngOptions } from "sharp";
import { describe, expect, test } from "vitest";
import { inspectTile } from "./inspect_tile.ts";
import type { RgbaImage } from "./pixels.ts";
import { encodePng, finishPng, isOpaque, preparePng } from "./png_encoder.ts";

/** What another decoder (libspng, by sharp) reads. */
async function decode(png: Uint8Array): Promise<RgbaImage> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

/** Bit depth and colour type (PNG specification, third edition, 11.2.1), and the lengths of the chunks by name. */
function readHeader(png: Uint8Array): { depth: number; colourType: number; chunks: Record<string, number> } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Record<string, number> = {};
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at))
    chunks[Buffer.from(png.subarray(at + 4, at + 8)).toString("latin1")] = view.getUint32(at);
  return { depth: png[24] ?? 0, colourType: png[25] ?? 0, chunks };
}

/** An image whose pixels take turns through `colours`. */
function ofColours(colours: readonly number[][], width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set(colours[i % colours.length] ?? [], i * 4);
  return { width, height, data };
}

/** `count` colours of which the first `clear` have alphas from 0 up. */
function makeColours(count: number, clear = 0): number[][] {
  return Array.from({ length: count }, (_, i) => [i, 255 - i, (i * 7) & 255, i < clear ? i : 255]);
}

/** Ground as cameras see it: slopes of several sizes, and grain that each band has of its own. */
function imagery(size: number, channels: 3 | 4 = 3): RgbaImage {
  const data = new Uint8Array(size * size * 4);
  let state = 1;
  const grain = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 29;
  };
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const ground = 110 + 50 * Math.sin(x / 37 + Math.sin(y / 23)) + 25 * Math.sin(y / 7 - x / 11);
    const alpha = channels === 3 ? 255 : 40 + ground;
    data.set([ground + grain(), ground * 0.9 + grain(), ground * 0.7 + grain(), alpha], i * 4);
  }
  return { width: size, height: size, data };
}

const side = fc.integer({ min: 1, max: 37 });
const byte = fc.integer({ min: 0, max: 255 });

/** Any pixels of any size; of few colours, many or one, opaque or not. */
const anyImage = fc
  .record({ width: side, height: side, kinds: fc.constantFrom(1, 2, 3, 17, 255, 4096), opaque: fc.boolean() })
  .chain(({ width, height, kinds, opaque }) =>
    fc.uint8Array({ minLength: width * height * 4, maxLength: width * height * 4 }).map((data) => {
      const few = data.map((value, i) => (i % 4 === 3 && opaque ? 255 : value % kinds));
      return { width, height, data: few };
    }),
  );

describe("encodePng", () => {
  test("another decoder reads the same pixels, whatever they are; a wholly clear pixel may lose its colour", async () => {
    await fc.assert(
      fc.asyncProperty(anyImage, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (image, effort, palette) => {
        const png = encodePng(image, { effort, palette });
        expect(inspectTile(png)).toEqual({ format: "png", width: image.width, height: image.height });
        const decoded = await decode(png);
        const expected = Uint8Array.from(image.data);
        for (let i = 0; i < expected.length; i += 4)
          if (expected[i + 3] === 0 && decoded.data[i + 3] === 0) expected.set(decoded.data.subarray(i, i + 4), i);
        expect(Buffer.compare(decoded.data, expected)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test("the two halves give the same file as the whole", async () => {
    for (const image of [imagery(64), imagery(33, 4), ofColours(makeColours(9), 17, 5)])
      expect(await finishPng(preparePng(image), 3)).toEqual(encodePng(image, { effort: 3 }));
  });

  test("keeps nothing between images: a small one after a large one is as it is alone", async () => {
    const small = ofColours(makeColours(3), 7, 3);
    const alone = encodePng(small);
    encodePng(imagery(256, 4));
    encodePng(ofColours(makeColours(200), 200, 200));
    expect(encodePng(small)).toEqual(alone);
  });
});

describe("palettes", () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [16, 4],
    [17, 8],
    [256, 8],
  ])("%i colours take %i bits, rows of any width", async (count, depth) => {
    for (const width of [1, 3, 8, 13, 256]) {
      const image = ofColours(makeColours(count), width, Math.ceil(count / width) + 2);
      const png = encodePng(image);
      expect(readHeader(png)).toMatchObject({ depth, colourType: 3, chunks: { PLTE: count * 3 } });
      expect(readHeader(png).chunks).not.toHaveProperty("tRNS");
      expect(Buffer.compare((await decode(png)).data, image.data)).toBe(0);
    }
  });

  test.each([
    [2, 1, 1],
    [4, 3, 2],
    [16, 16, 4],
    [200, 5, 8],
    [256, 255, 8],
  ])("of %i colours %i that are not opaque have an alpha each, and no other has", async (count, clear, depth) => {
    // The clear ones last, so that they must be moved to the front; the wholly clear one is black.
    const colours = makeColours(count, clear).map((c) => (c[3] === 0 ? [0, 0, 0, 0] : c));
    const image = ofColours(colours.toReversed(), 33, 31);
    const png = encodePng(image);
    expect(readHeader(png)).toMatchObject({ depth, colourType: 3, chunks: { PLTE: count * 3, tRNS: clear } });
    expect(Buffer.compare((await decode(png)).data, image.data)).toBe(0);
  });

  test("257 colours are too many, opaque ones make RGB and others RGBA", async () => {
    const many = Array.from({ length: 257 }, (_, i) => [i & 255, i >> 8, 3, 255]);
    expect(readHeader(encodePng(ofColours(many, 257, 2)))).toMatchObject({ depth: 8, colourType: 2 });
    many[5] = [5, 0, 3, 254];
    expect(readHeader(encodePng(ofColours(many, 257, 2)))).toMatchObject({ depth: 8, colourType: 6 });
  });

  test("pixels that are wholly clear count as one colour whatever they hide", async () => {
    const hidden = Array.from({ length: 300 }, (_, i) => [i & 255, i >> 8, 9, 0]);
    const png = encodePng(ofColours(hidden, 300, 1));
    expect(readHeader(png)).toMatchObject({ depth: 1, colourType: 3, chunks: { PLTE: 3, tRNS: 1 } });
  });

  test("are not made when not wanted", () => {
    expect(readHeader(encodePng(ofColours(makeColours(2), 9, 9), { palette: false }))).toMatchObject({ colourType: 2 });
  });
});

/** Bytes that sharp writes for the same pixels, bands included. */
async function sizeBySharp(image: RgbaImage, options: SharpPngOptions): Promise<number> {
  const input = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 4 } });
  const bands = isOpaque(image) ? input.removeAlpha() : input;
  return (await bands.png(options).toBuffer()).length;
}

async function expectSmall(image: RgbaImage): Promise<void> {
  // As sharp writes unless told otherwise, and with filters, which is its smallest.
  expect(encodePng(image).length).toBeLessThan((await sizeBySharp(image, {})) * 1.05);
  const filtered = await sizeBySharp(image, { compressionLevel: 6, adaptiveFiltering: true });
  expect(encodePng(image, { effort: 6 }).length).toBeLessThan(filtered * 1.01);
  // Measured on ortho photos and the Blue Marble: 5 to 8 % more at a tenth of the time.
  expect(encodePng(image).length).toBeLessThan(filtered * 1.1);
}

describe("sizes", () => {
  test.each([3, 4] as const)("imagery of %i channels takes no more bytes than sharp writes", async (channels) => {
    await expectSmall(imagery(256, channels));
  });

  test("more effort finds rows that repeat; 1024 colours are too many for a palette", () => {
    const colours = Array.from({ length: 1024 }, (_, i) => [(i * 37) & 255, i >> 2, (i * 91) & 255, 255]);
    const image = ofColours(colours, 256, 256);
    expect(encodePng(image, { effort: 9 }).length).toBeLessThan(encodePng(image, { effort: 3 }).length / 2);
  });

  const realData = process.env["TILTH_REAL_DATA"];
  if (realData !== undefined) {
    test.each(["blue_marble_4096x2048.jpg", "dop_ortho_rgb_epsg25832_cog.tif"])(
      "a tile out of %s, too",
      async (name) => {
        const cut = { left: 200, top: 200, width: 256, height: 256 };
        const data = await sharp(`${realData}/imagery/${name}`).extract(cut).ensureAlpha().raw().toBuffer();
        await expectSmall({ width: 256, height: 256, data });
      },
    );
  }
});

describe("isOpaque", () => {
  test("finds the one pixel that is not, wherever it is", () => {
    fc.assert(
      fc.property(fc.nat(99), byte, (at, alpha) => {
        const image = ofColours([[1, 2, 3, 255]], 10, 10);
        image.data[at * 4 + 3] = alpha;
        expect(isOpaque(image)).toBe(alpha === 255);
      }),
    );
  });
});
