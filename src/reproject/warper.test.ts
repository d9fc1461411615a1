import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { decodeElevation, encodeElevation, type RgbaImage } from "../raster/index.ts";
import {
  asPng,
  confetti,
  movedGrid,
  paintTile,
  planFor,
  readTile,
  SIDE,
  sourcesOf,
  warpOnce,
  type Colour,
} from "./fixtures/warp_tiles.ts";

const WHITE: Colour = [255, 255, 255, 255];
const PURPLE: Colour = [90, 30, 150, 255];

const pixelAt = ({ data, width }: RgbaImage, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

async function asJpeg({ data, width, height }: RgbaImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Sources of one colour. */
const flat = (colour: Colour) => (tile: { x: number; y: number; z: number }) => asPng(paintTile(tile, () => colour));

describe("the same grid", () => {
  test.each([
    ["nearest", false],
    ["nearest", true],
    ["bilinear", false],
    ["bilinear", true],
    ["cubic", false],
  ] as const)("gives the very pixels back: %s, clear pixels %s", async (resampling, clear) => {
    const plan = planFor(movedGrid(0, 0), [[9, 11]], resampling);
    const paint = confetti(clear);
    const tiles = sourcesOf(plan, (tile) => asPng(paintTile(tile, paint)));
    const [made] = await warpOnce(plan, tiles, { resampling });
    const { data } = await readTile(made);
    expect(Buffer.compare(data, paintTile({ z: 5, x: 9, y: 11 }, paint).data)).toBe(0);
  });

  test("moved by half a tile takes half of each of four", async () => {
    const plan = planFor(movedGrid(SIDE / 2, SIDE / 2), [[9, 11]], "nearest");
    const paint = confetti(true);
    const [made] = await warpOnce(
      plan,
      sourcesOf(plan, (tile) => asPng(paintTile(tile, paint))),
      {
        resampling: "nearest",
      },
    );
    const expected = paintTile({ z: 5, x: 9, y: 11 }, (x, y) => paint(x + SIDE / 2, y + SIDE / 2));
    expect(Buffer.compare((await readTile(made)).data, expected.data)).toBe(0);
  });

  test("is the same on one thread and on four, in the plan's order", async () => {
    const wanted = [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((x) => [8 + x, 8 + y] as const));
    const plan = planFor(movedGrid(31, 77), wanted);
    const tiles = sourcesOf(plan, (tile) => asPng(paintTile(tile, confetti(true))));
    const [one, four] = [await warpOnce(plan, tiles), await warpOnce(plan, tiles, { threads: 4 })];
    expect(four).toEqual(one);
    expect(new Set(one.map((tile) => Buffer.from((tile as { data: Uint8Array }).data).toString("hex"))).size).toBe(16);
  });

  test("takes JPEG sources, and those of both kinds side by side", async () => {
    const plan = planFor(movedGrid(SIDE / 2, 0), [[9, 11]], "nearest");
    const tiles = await Promise.all(
      sourcesOf(plan, async (tile) => {
        const image = paintTile(tile, () => (tile.x % 2 === 0 ? PURPLE : [0, 0, 0, 0]));
        return tile.x % 2 === 0 ? asJpeg(image) : asPng(image);
      }),
    );
    const [made] = await warpOnce(plan, tiles, { resampling: "nearest" });
    const image = await readTile(made);
    expect(pixelAt(image, 20, 99)).toEqual([0, 0, 0, 0]);
    pixelAt(image, 200, 99).forEach((value, band) =>
      expect(Math.abs(value - (PURPLE[band] as number))).toBeLessThan(4),
    );
  });
});

describe("holes", () => {
  const plan = planFor(movedGrid(SIDE / 2, 0), [
    [9, 11],
    [10, 11],
  ]);

  test("where the source has nothing at all there is no tile", async () => {
    expect(
      await warpOnce(
        plan,
        sourcesOf(plan, () => null),
      ),
    ).toEqual([null, null]);
    expect(await warpOnce(plan, sourcesOf(plan, flat([0, 0, 0, 0])))).toEqual([null, null]);
  });

  test("a tile of which half is missing is half clear, and without a fringe", async () => {
    const tiles = sourcesOf(plan, (tile) => (tile.x <= 9 ? flat(WHITE)(tile) : null));
    const [half, none] = await warpOnce(plan, tiles);
    const image = await readTile(half);
    expect(pixelAt(image, 127, 128)).toEqual([...WHITE]);
    expect(pixelAt(image, 128, 128)).toEqual([0, 0, 0, 0]);
    expect(none).toBeNull();
  });

  test("a tile that lies outside of the source is none", async () => {
    const beyond = planFor(movedGrid(0, -3 * SIDE), [[9, 1]]);
    expect(beyond.sources).toEqual([]);
    expect(await warpOnce(beyond, [])).toEqual([null]);
  });
});

describe("formats", () => {
  const plan = planFor(movedGrid(SIDE / 2, 0), [
    [8, 11],
    [9, 11],
  ]);
  // The first tile is whole, of the second the right half is missing.
  const tiles = sourcesOf(plan, (tile) => (tile.x <= 9 ? flat(PURPLE)(tile) : null));

  test.each([
    ["png", "png", "png"],
    ["jpeg", "jpeg", "jpeg"],
    ["webp", "webp", "webp"],
    ["mixed", "jpeg", "png"],
  ] as const)("%s: whole tiles are %s, others %s", async (format, whole, partly) => {
    const made = await warpOnce(plan, tiles, { encoding: { format, quality: 90 } });
    expect(made.map((tile) => (tile !== null && "format" in tile ? tile.format : null))).toEqual([whole, partly]);
    const [first, second] = [await readTile(made[0]), await readTile(made[1])];
    expect([first.width, first.height, second.width, second.height]).toEqual([SIDE, SIDE, SIDE, SIDE]);
    for (const image of [first, second]) {
      const pixel = pixelAt(image, 60, 60);
      PURPLE.forEach((value, band) => expect(Math.abs((pixel[band] as number) - value)).toBeLessThan(6));
    }
    // What is clear is white where there is no alpha.
    const [red, , , alpha] = pixelAt(second, 220, 60) as [number, number, number, number];
    if (partly === "jpeg") expect(red).toBeGreaterThan(250);
    else expect(alpha).toBe(0);
  });

  test("a lower quality makes a smaller tile", async () => {
    const rough = sourcesOf(plan, (tile) => asPng(paintTile(tile, confetti(false))));
    const sizes = [];
    for (const quality of [30, 90]) {
      const [made] = await warpOnce(plan, rough, { encoding: { format: "jpeg", quality } });
      sizes.push((made as { data: Uint8Array }).data.length);
    }
    expect(sizes[0]).toBeLessThan((sizes[1] as number) / 2);
  });
});

describe("elevation", () => {
  /** A slope of 1/4 m a pixel that passes 256 m, where terrarium's red changes, in the middle of column 9. */
  const heightAt = (x: number): number => 256 + (x - 9 * SIDE - SIDE / 2) / 4;

  function terrariumTile({ x }: { x: number }): Uint8Array {
    const metres = Float32Array.from({ length: SIDE * SIDE }, (_, i) => heightAt(x * SIDE + (i % SIDE)));
    return asPng({ width: SIDE, height: SIDE, data: encodeElevation(metres, "terrarium") });
  }

  test.each(["bilinear", "cubic"] as const)(
    "%s in metres keeps a slope a slope, to a step of 1/256 m",
    async (resampling) => {
      const plan = planFor(movedGrid(0.5, 0.25), [[9, 11]], resampling);
      const options = { resampling, elevation: "terrarium", encoding: { format: "jpeg" } } as const;
      const [made] = await warpOnce(plan, sourcesOf(plan, terrariumTile), options);
      // JPEG is asked for; a height is never written so.
      expect(made).toMatchObject({ format: "png" });
      const metres = decodeElevation(await readTile(made), "terrarium");
      metres.forEach((value, i) => {
        const exact = heightAt(9 * SIDE + (i % SIDE) + 0.5);
        if (Math.abs(value - exact) > 1 / 256) throw new Error(`${value} m at ${i % SIDE}, expected ${exact}`);
      });
      expect(metres[0]).toBeLessThan(256);
      expect(metres[SIDE - 1]).toBeGreaterThan(256);
    },
  );

  test("as colours the same slope would break: the test above can fail", async () => {
    const plan = planFor(movedGrid(0.5, 0.25), [[9, 11]]);
    const [made] = await warpOnce(plan, sourcesOf(plan, terrariumTile));
    const metres = decodeElevation(await readTile(made), "terrarium");
    const worst = metres.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - heightAt(9 * SIDE + (i % SIDE) + 0.5))),
      0,
    );
    expect(worst).toBeGreaterThan(50);
  });

  test("where nothing is there is nothing, and half a tile is half clear", async () => {
    const plan = planFor(movedGrid(SIDE / 2, 0), [[9, 11]]);
    const options = { elevation: "terrarium" } as const;
    expect(
      await warpOnce(
        plan,
        sourcesOf(plan, () => null),
        options,
      ),
    ).toEqual([null]);
    const [made] = await warpOnce(
      plan,
      sourcesOf(plan, (tile) => (tile.x <= 9 ? terrariumTile(tile) : null)),
      options,
    );
    const metres = decodeElevation(await readTile(made), "terrarium");
    expect(metres[127]).toBe(heightAt(9 * SIDE + 255));
    expect(metres[128]).toBeNaN();
  });
});

describe("a source tile that is no good", () => {
  const wanted = [
    [8, 11],
    [9, 11],
    [10, 11],
    [11, 11],
  ] as const;
  const plan = planFor(movedGrid(SIDE / 2, SIDE / 2), wanted);
  const paint = confetti(false);
  const good = sourcesOf(plan, (tile) => asPng(paintTile(tile, paint)));
  const bad = plan.sources.findIndex(({ x, y }) => x === 9 && y === 11);
  const small = asPng(paintTile({ z: 5, x: 0, y: 0 }, () => WHITE, SIDE / 2));
  const large = asPng(paintTile({ z: 5, x: 0, y: 0 }, () => WHITE, SIDE * 2));

  test.each([
    ["cut in the middle", (data: Uint8Array) => data.subarray(0, data.length / 2), "tile.truncated", "bytes"],
    [
      "with a broken middle",
      (data: Uint8Array) => data.map((byte, i) => (i > 400 && i < 900 ? ~byte : byte)),
      "tile.truncated",
      "damaged",
    ],
    ["a page", () => Buffer.from("<!doctype html><title>Sorry</title>"), "tile.notImage", "html"],
    [
      "smaller than its grid says",
      () => small,
      "tile.notImage",
      "expected source tiles of 256 x 256 pixels, got 128 x 128",
    ],
    ["larger than its grid says", () => large, "tile.notImage", "65536"],
  ] as const)("%s: tiles that are made of it fail, the others are as they were", async (_name, spoil, code, words) => {
    const clean = await warpOnce(plan, good);
    const made = await warpOnce(plan, good.with(bad, spoil(good[bad] as Uint8Array)));
    const needs = plan.tiles.map(({ sources }) => sources.includes(bad));
    // With half a tile's move it lies under two of the four, and bilinear reads no further.
    expect(needs).toEqual([true, true, false, false]);
    made.forEach((tile, i) => {
      if (needs[i] === false) return expect(tile).toEqual(clean[i]);
      expect(isTilthError(tile, code)).toBe(true);
      expect(tile).toHaveProperty("message", expect.stringContaining(words));
    });
  });
});
