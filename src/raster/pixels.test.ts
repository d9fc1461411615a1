import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mvtTile } from "../../test/support/tile_bytes.ts";
import { inspectTile } from "./inspect_tile.ts";
import { blit, decodeTile, encodeImage, findTileDamage, type RgbaImage } from "./pixels.ts";

/** Opaque pixels that differ from each other, but not wildly: JPEG keeps them near. */
function gradient(width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([(i % width) * 8, Math.floor(i / width) * 8, 100, 255], i * 4);
  return { width, height, data };
}

const image = gradient(16, 12);

describe("encode and decode", () => {
  test("PNG gives the same pixels back, alpha included", async () => {
    const clear = { ...image, data: image.data.map((value, i) => (i % 4 === 3 ? i % 256 : value)) };
    const decoded = await decodeTile(await encodeImage(clear, { format: "png" }));
    expect(decoded).toMatchObject({ width: 16, height: 12 });
    expect(Buffer.compare(decoded.data, clear.data)).toBe(0);
  });

  test.each(["jpeg", "webp"] as const)("%s gives pixels of the same look", async (format) => {
    const data = await encodeImage(image, { format, quality: 95 });
    expect(inspectTile(data)).toEqual({ format, width: 16, height: 12 });
    const decoded = await decodeTile(data);
    const worst = Math.max(...decoded.data.map((value, i) => Math.abs(value - (image.data[i] ?? 0))));
    expect(worst).toBeLessThan(24);
  });

  test("JPEG shows white where nothing is", async () => {
    const nothing = { width: 8, height: 8, data: new Uint8Array(256) };
    const decoded = await decodeTile(await encodeImage(nothing, { format: "jpeg" }));
    expect([...decoded.data.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  });

  test("a lower quality makes a smaller file", async () => {
    const [low, high] = [10, 95].map((quality) => encodeImage(gradient(64, 64), { format: "jpeg", quality }));
    expect((await low)?.length).toBeLessThan((await high)?.length ?? 0);
  });

  test("a vector tile has no pixels", async () => {
    await expect(decodeTile(mvtTile())).rejects.toMatchObject({ code: "tile.notImage" });
  });
});

describe("findTileDamage", () => {
  test("finds nothing in whole tiles", async () => {
    for (const format of ["png", "jpeg", "webp"] as const)
      expect(await findTileDamage(await encodeImage(image, { format }))).toBeNull();
    expect(await findTileDamage(mvtTile())).toBeNull();
    expect(await findTileDamage(gzipSync(mvtTile()))).toBeNull();
  });

  test("finds every changed bit in the pixels of a PNG, which the structure does not show", async () => {
    const png = await encodeImage(image, { format: "png" });
    const idat = Buffer.from(png).indexOf("IDAT");
    const lengthBytes = Buffer.from(png).readUInt32BE(idat - 4);
    const bit = fc.tuple(fc.integer({ min: idat + 4, max: idat + 3 + lengthBytes }), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(bit, async ([at, shift]) => {
        const broken = Uint8Array.from(png);
        broken[at] = (broken[at] ?? 0) ^ (1 << shift);
        expect(() => inspectTile(broken)).not.toThrow();
        expect(await findTileDamage(broken)).toMatch(/does not decode/);
      }),
      { numRuns: 60 },
    );
  });

  test("finds a gzip tile that is cut, changed, or holds something else", async () => {
    const whole = gzipSync(mvtTile("a layer with a longer name"));
    expect(await findTileDamage(whole.subarray(0, -3))).toMatch(/does not unpack/);
    const broken = Uint8Array.from(whole);
    broken[whole.length - 6] = (broken[whole.length - 6] ?? 0) ^ 1;
    expect(await findTileDamage(broken)).toMatch(/does not unpack/);
    expect(await findTileDamage(gzipSync("<html>Sorry, no such tile</html>"))).toMatch(/HTML page/);
  });

  test("does not unpack a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    expect(await findTileDamage(bomb)).toMatch(/does not unpack/);
  });

  test("finds bodies that are no tile", async () => {
    expect(await findTileDamage(new Uint8Array())).toMatch(/without bytes/);
    expect(await findTileDamage(Buffer.from("<html>"))).toMatch(/HTML page/);
  });
});

describe("blit", () => {
  const at = ({ data, width }: RgbaImage, x: number, y: number): number[] => [
    ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
  ];

  test("copies each pixel that lies inside, and no other, wherever the tile lies", () => {
    const tile = gradient(5, 4);
    const place = fc.integer({ min: -12, max: 12 });
    fc.assert(
      fc.property(place, place, (left, top) => {
        const target = { width: 7, height: 6, data: new Uint8Array(7 * 6 * 4) };
        blit(target, tile, left, top);
        for (let y = 0; y < 6; y++) {
          for (let x = 0; x < 7; x++) {
            const inside = x >= left && x < left + 5 && y >= top && y < top + 4;
            expect(at(target, x, y)).toEqual(inside ? at(tile, x - left, y - top) : [0, 0, 0, 0]);
          }
        }
      }),
    );
  });
});
