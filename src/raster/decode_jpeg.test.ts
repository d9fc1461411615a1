import fc from "fast-check";
import sharp, { type JpegOptions, type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { TilthError } from "../core/index.ts";
import { decodeJpeg } from "./decode_jpeg.ts";
import { decodePixels } from "./pixels.ts";

/** Slopes with grain: every coefficient is in use somewhere. */
function picture(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  let state = 7;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[i] = ((Math.floor(i / 3) % width) * 3 + Math.floor(i / 3 / width) * 2 + (state >>> 27)) & 255;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const jpeg = (options: JpegOptions = {}, width = 61, height = 47): Promise<Buffer> =>
  picture(width, height).jpeg(options).toBuffer();

const EOI = Uint8Array.of(0xff, 0xd9);

/** Where the first scan's coded pixels begin. */
function scanStart(data: Buffer): number {
  const at = data.indexOf(Uint8Array.of(0xff, 0xda));
  return at + 2 + data.readUInt16BE(at + 2);
}

/** What libjpeg-turbo in sharp says of the same bytes; null where it warns of damage. */
async function decodeBySharp(data: Uint8Array): Promise<Buffer | null> {
  return sharp(data, { failOn: "warning" })
    .raw()
    .toBuffer()
    .catch(() => null);
}

const KINDS: Record<string, () => Promise<Buffer>> = {
  baseline: () => jpeg(),
  "quality 100": () => jpeg({ quality: 100 }),
  "quality 5": () => jpeg({ quality: 5 }),
  progressive: () => jpeg({ progressive: true }),
  "4:4:4": () => jpeg({ chromaSubsampling: "4:4:4" }),
  "progressive 4:4:4 of trellis": () => jpeg({ mozjpeg: true, chromaSubsampling: "4:4:4" }),
  grey: () => picture(61, 47).greyscale().jpeg().toBuffer(),
  "grey progressive": () => picture(61, 47).greyscale().jpeg({ progressive: true }).toBuffer(),
  "one pixel": () => jpeg({}, 1, 1),
  "256 px": () => jpeg({}, 256, 256),
  "with bytes behind its end": async () => Buffer.concat([await jpeg(), Buffer.alloc(60)]),
};

describe("decodeJpeg", () => {
  test.each(Object.keys(KINDS))("gives the very pixels that sharp does: %s", async (kind) => {
    const data = (await KINDS[kind]?.()) ?? Buffer.alloc(0);
    const judge = await sharp(data).raw().toBuffer({ resolveWithObject: true });
    const { width, height, channels, data: pixels } = await decodeJpeg(data);
    expect({ width, height, channels }).toEqual({ width: judge.info.width, height: judge.info.height, channels: 3 });
    expect(Buffer.compare(pixels, judge.data)).toBe(0);
  });

  test("an orientation in the metadata turns nothing, as with other tiles", async () => {
    const turned = await picture(20, 10).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodeJpeg(turned)).toMatchObject({ width: 20, height: 10 });
  });

  test("many at once on one thread do not mix", async () => {
    const tiles = await Promise.all([10, 33, 64, 21].map((size) => jpeg({}, size, size + 3)));
    const judges = await Promise.all(tiles.map(decodeBySharp));
    const decoded = await Promise.all([...tiles, ...tiles].map((data) => decodeJpeg(data)));
    decoded.forEach(({ data }, i) => expect(Buffer.compare(data, judges[i % 4] ?? Buffer.alloc(0))).toBe(0));
  });

  test("writes where it is told to, and throws what that place throws", async () => {
    const data = await jpeg({}, 8, 8);
    const place = new Uint8Array(8 * 8 * 3);
    expect((await decodeJpeg(data, () => place)).data).toBe(place);
    const full = new TilthError("tile.notImage", "no room");
    const refuse = (): never => {
      throw full;
    };
    await expect(decodeJpeg(data, refuse)).rejects.toBe(full);
    await expect(decodePixels(data, refuse)).rejects.toBe(full);
  });
});

describe.each(["baseline", "progressive"])("damage in a %s JPEG is refused", (kind) => {
  const open = (): Promise<Buffer> => jpeg({ progressive: kind === "progressive" }, 64, 64);

  test("cut at any byte of its pixels, an end put behind; a progressive one is whole between two scans", async () => {
    const data = await open();
    /** Where a mark of tables or of a scan begins: cut there (or behind its first byte, a fill byte), all scans before are whole. */
    const isMark = (at: number): boolean => data[at] === 0xff && [0xc4, 0xda].includes(data[at + 1] ?? 0);
    const accepted: number[] = [];
    const between: number[] = [];
    for (let at = scanStart(data); at < data.length - 2; at++) {
      const whole = await decodeJpeg(Buffer.concat([data.subarray(0, at), EOI])).catch(() => null);
      if (whole !== null) accepted.push(at);
      if (isMark(at) || isMark(at - 1)) between.push(at);
    }
    expect(accepted).toEqual(between);
    expect(between.length === 0).toBe(kind === "baseline");
  });

  test("zeros from the middle on", async () => {
    const data = await open();
    data.fill(0, (scanStart(data) + data.length) >> 1, data.length - 2);
    await expect(decodePixels(data)).rejects.toMatchObject({ code: "tile.truncated", fields: { format: "jpeg" } });
  });

  test("changed bits, wherever sharp warns of them", async () => {
    const data = await open();
    const place = fc.tuple(fc.integer({ min: scanStart(data), max: data.length - 3 }), fc.nat(7));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(place, async ([at, bit]) => {
        const broken = Buffer.from(data);
        broken[at] = (broken[at] ?? 0) ^ (1 << bit);
        const judge = await decodeBySharp(broken);
        const decoded = await decodeJpeg(broken).catch(() => null);
        // Bytes that are left over behind the last pixel are refused here and not there.
        if (judge === null) expect(decoded).toBeNull();
        refused += judge === null ? 1 : 0;
      }),
      { numRuns: 150 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});

describe("after damage", () => {
  test("the next tile of the thread is whole", async () => {
    const [good, bad] = [await jpeg(), await jpeg({}, 64, 64)];
    const judge = await decodeBySharp(good);
    bad.fill(0, scanStart(bad) + 100, bad.length - 2);
    for (let i = 0; i < 200; i++) {
      await expect(decodeJpeg(bad)).rejects.toThrow("does not decode");
      expect(Buffer.compare((await decodeJpeg(good)).data, judge ?? Buffer.alloc(0))).toBe(0);
    }
  });

  test("of a header nothing hangs and nothing but a TilthError comes out", async () => {
    const data = await jpeg({}, 16, 16);
    const change = fc.tuple(fc.integer({ min: 2, max: scanStart(data) }), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const broken = Buffer.from(data);
        // The size stays: 65,535 pixels square are refused elsewhere.
        for (const [at, value] of changes)
          if (Math.abs(at - data.indexOf(Uint8Array.of(0xff, 0xc0)) - 6) > 3) broken[at] = value;
        const outcome: unknown = await decodePixels(broken).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TilthError);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a CMYK JPEG", () => {
  const cmyk = (): Promise<Buffer> => picture(32, 32).toColourspace("cmyk").jpeg().toBuffer();

  test("is none of this decoder's, and goes to the other one", async () => {
    const data = await cmyk();
    await expect(decodeJpeg(data)).rejects.toThrow("does not decode");
    const judge = await sharp(data).raw().toBuffer({ resolveWithObject: true });
    expect(judge.info.channels).toBe(3);
    expect(await decodePixels(data)).toMatchObject({ width: 32, height: 32, channels: 3 });
    expect(Buffer.compare((await decodePixels(data)).data, judge.data)).toBe(0);
  });

  test("is refused when it is cut", async () => {
    const data = await cmyk();
    const cut = Buffer.concat([data.subarray(0, (scanStart(data) + data.length) >> 1), EOI]);
    await expect(decodePixels(cut)).rejects.toMatchObject({ code: "tile.truncated" });
  });
});
