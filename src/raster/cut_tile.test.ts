import { describe, expect, test } from "vitest";
import { cutTile } from "./cut_tile.ts";
import type { DecodedTile } from "./decoded_tile.ts";
import { encodeTile } from "./encode_tile.ts";
import { inspectTile } from "./inspect_tile.ts";
import { decodeTile, type RgbaImage } from "./pixels.ts";

type Paint = (x: number, y: number) => readonly [number, number, number, number];

function paint(side: number, colour: Paint): DecodedTile {
  const data = new Uint8Array(side * side * 4);
  for (let i = 0; i < side * side; i++) data.set(colour(i % side, Math.floor(i / side)), i * 4);
  return { width: side, height: side, channels: 4, data };
}

const at = ({ data, width }: RgbaImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

/** Red tells the column, green the row. */
const gradient = paint(256, (x, y) => [x, y, 100, 255]);

describe("cutTile", () => {
  test("enlarges a gradient evenly, each window in its own place", async () => {
    const { data } = await encodeTile(gradient, { format: "png" });
    for (const [left, top] of [
      [0, 0],
      [128, 64],
      [192, 192],
    ] as const) {
      const made = await cutTile(data, { left, top, width: 64, height: 64 }, 256, 256);
      const image = await decodeTile(made.data);
      expect([image.width, image.height]).toEqual([256, 256]);
      for (const i of [8, 100, 128, 201, 247]) {
        const [red = 0, green = 0, blue, alpha] = at(image, i, 255 - i);
        // The centre of a pixel that is a quarter as wide.
        expect(Math.abs(red - (left + (i + 0.5) / 4 - 0.5))).toBeLessThanOrEqual(1);
        expect(Math.abs(green - (top + (255.5 - i) / 4 - 0.5))).toBeLessThanOrEqual(1);
        expect([blue, alpha]).toEqual([100, 255]);
      }
    }
  });

  test("takes nothing from outside of the window", async () => {
    const { data } = await encodeTile(
      paint(64, (x, y) => (x < 16 && y < 16 ? [255, 255, 255, 255] : [0, 0, 0, 255])),
      { format: "png" },
    );
    const image = await decodeTile((await cutTile(data, { left: 0, top: 0, width: 16, height: 16 }, 64, 64)).data);
    expect(image.data.every((value) => value === 255)).toBe(true);
  });

  test("keeps alpha, and what is clear lends no colour", async () => {
    const { data } = await encodeTile(
      paint(64, (x) => (x < 8 ? [200, 40, 90, 255] : [0, 255, 0, 0])),
      { format: "png" },
    );
    const image = await decodeTile((await cutTile(data, { left: 0, top: 0, width: 16, height: 16 }, 64, 64)).data);
    expect([at(image, 4, 30)[3], at(image, 60, 30)[3]]).toEqual([255, 0]);
    const between = at(image, 32, 30);
    expect(between[3]).toBeGreaterThan(0);
    expect(between[3]).toBeLessThan(255);
    for (const [band, value] of [200, 40, 90].entries())
      expect(Math.abs((between[band] ?? 0) - value)).toBeLessThanOrEqual(3);
  });

  test.each(["png", "jpeg", "webp"] as const)("stays %s", async (format) => {
    const { data } = await encodeTile(gradient, { format });
    const made = await cutTile(data, { left: 0, top: 128, width: 128, height: 128 }, 256, 256);
    expect(made.format).toBe(format);
    expect(inspectTile(made.data)).toEqual({ format, width: 256, height: 256 });
  });

  test("refuses windows that lie outside, sizes beyond the cap, and what is no image", async () => {
    const { data } = await encodeTile(gradient, { format: "png" });
    const invalid = { code: "argument.invalid" };
    const cut = (left: number, width: number, out = 256): Promise<unknown> =>
      cutTile(data, { left, top: 0, width, height: 1 }, out, out);
    for (const [left, width] of [
      [-1, 4],
      [250, 7],
      [0, 0],
      [0.5, 4],
      [0, Number.NaN],
    ] as const)
      await expect(cut(left, width)).rejects.toMatchObject(invalid);
    await expect(cut(0, 1, 5000)).rejects.toMatchObject(invalid);
    const page = new TextEncoder().encode("<html>no</html>");
    await expect(cutTile(page, { left: 0, top: 0, width: 1, height: 1 }, 1, 1)).rejects.toMatchObject({
      code: "tile.notImage",
    });
  });
});
