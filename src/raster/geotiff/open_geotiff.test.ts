import { deflateSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { memoryByteSource } from "../../core/index.ts";
import { imageFields, tiffFile, type TiffField, type TiffSpec } from "../../../test/support/tiff_file.ts";
import { openRasterSource, type OpenRasterOptions } from "../open_raster.ts";
import { FIELD, TAG } from "./tiff_tags.ts";

const WIDTH = 37;
const HEIGHT = 23;
/** Of a band at a place; fits in 7 bits. */
const value = (x: number, y: number, band: number): number => (x * 3 + y * 5 + band * 11 + ((x * y) % 7)) % 120;

const open = (spec: TiffSpec, options: OpenRasterOptions = { threads: 0 }) =>
  openRasterSource(memoryByteSource(tiffFile(spec), "made.tif"), options);

interface Numbers {
  bits: number;
  format: number;
}
const TYPES: Readonly<Record<string, Numbers>> = {
  uint8: { bits: 8, format: 1 },
  int8: { bits: 8, format: 2 },
  uint16: { bits: 16, format: 1 },
  int16: { bits: 16, format: 2 },
  uint32: { bits: 32, format: 1 },
  int32: { bits: 32, format: 2 },
  float32: { bits: 32, format: 3 },
  float64: { bits: 64, format: 3 },
};

function put(view: DataView, at: number, { bits, format }: Numbers, number: number, littleEndian: boolean): void {
  if (format === 3)
    return bits === 32 ? view.setFloat32(at, number, littleEndian) : view.setFloat64(at, number, littleEndian);
  if (bits === 8) view.setUint8(at, number);
  else if (bits === 16) view.setUint16(at, number, littleEndian);
  else view.setUint32(at, number, littleEndian);
}

/** Blocks of the made image, `[w, h]` each, tiles filled up. */
function rawBlocks(
  type: Numbers,
  [w, h]: readonly [number, number],
  samples: number,
  planar: boolean,
  littleEndian: boolean,
  isStrip: boolean,
): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const each = planar ? 1 : samples;
  const size = type.bits / 8;
  for (let plane = 0; plane < (planar ? samples : 1); plane++)
    for (let top = 0; top < HEIGHT; top += h)
      for (let left = 0; left < WIDTH; left += w) {
        const rows = isStrip ? Math.min(h, HEIGHT - top) : h;
        const bytes = new Uint8Array(w * rows * each * size);
        const view = new DataView(bytes.buffer);
        for (let y = 0; y < rows; y++)
          for (let x = 0; x < w; x++)
            for (let s = 0; s < each; s++)
              put(view, ((y * w + x) * each + s) * size, type, value(left + x, top + y, plane + s), littleEndian);
        blocks.push(bytes);
      }
  return blocks;
}

async function expectPixels(spec: TiffSpec, samples: number, options?: OpenRasterOptions): Promise<void> {
  await using raster = await open(spec, options);
  const window = await raster.readWindow({ x: 0, y: 0, width: WIDTH, height: HEIGHT });
  expect(window.bands).toHaveLength(samples);
  window.bands.forEach((pixels, band) =>
    expect([...pixels]).toEqual(
      Array.from({ length: WIDTH * HEIGHT }, (_, i) => value(i % WIDTH, Math.floor(i / WIDTH), band)),
    ),
  );
  const part = await raster.readWindow({ x: 14, y: 7, width: 9, height: 11 }, { bands: [samples - 1] });
  expect(part.bands[0]?.[0]).toBe(value(14, 7, samples - 1));
  expect(part.bands[0]?.at(-1)).toBe(value(22, 17, samples - 1));
}

describe("openGeotiff", () => {
  const kinds = Object.keys(TYPES).flatMap((type) =>
    [true, false].flatMap((littleEndian) =>
      [true, false].map((tiled) => ({ type, littleEndian, tiled, big: tiled !== littleEndian })),
    ),
  );
  it.each(kinds)(
    "reads $type, little endian $littleEndian, tiled $tiled, BigTIFF $big, in one plane and several",
    async ({ type, littleEndian, tiled, big }) => {
      const numbers = TYPES[type] as Numbers;
      for (const planar of [false, true]) {
        const block = tiled ? ([16, 16] as const) : 5;
        const fields = imageFields({
          width: WIDTH,
          height: HEIGHT,
          ...numbers,
          samples: 3,
          planar,
          block,
          compression: 8,
        });
        const raw = rawBlocks(numbers, tiled ? [16, 16] : [WIDTH, 5], 3, planar, littleEndian, !tiled);
        const blocks = raw.map((bytes) => deflateSync(bytes));
        await expectPixels({ pages: [{ fields, blocks, tiled }], littleEndian, big }, 3);
      }
    },
  );

  it("reads strips without compression in parts, ZSTD and the old number of Deflate, on threads too", async () => {
    const numbers = TYPES["int16"] as Numbers;
    const raw = rawBlocks(numbers, [WIDTH, HEIGHT], 1, false, true, true);
    for (const [compression, pack] of [
      [1, (bytes: Uint8Array) => bytes],
      [50000, (bytes: Uint8Array) => zstdCompressSync(bytes)],
      [32946, (bytes: Uint8Array) => deflateSync(bytes)],
    ] as const) {
      const fields = imageFields({ width: WIDTH, height: HEIGHT, ...numbers, block: HEIGHT, compression });
      await expectPixels({ pages: [{ fields, blocks: raw.map(pack) }] }, 1);
    }
  });

  it("undoes horizontal differences in both byte orders, over interleaved bands", async () => {
    for (const littleEndian of [true, false]) {
      const numbers = TYPES["uint16"] as Numbers;
      const blocks = rawBlocks(numbers, [16, 16], 2, false, littleEndian, false).map((bytes) => {
        const view = new DataView(bytes.buffer);
        for (let row = 0; row < 16; row++)
          for (let i = 31; i >= 2; i--) {
            const at = (row * 32 + i) * 2;
            view.setUint16(at, view.getUint16(at, littleEndian) - view.getUint16(at - 4, littleEndian), littleEndian);
          }
        return deflateSync(bytes);
      });
      const fields = imageFields({
        width: WIDTH,
        height: HEIGHT,
        ...numbers,
        samples: 2,
        block: [16, 16],
        compression: 8,
        predictor: 2,
      });
      await expectPixels({ pages: [{ fields, blocks, tiled: true }], littleEndian }, 2);
    }
  });

  it("reads samples of 1, 2 and 4 bits as bytes, and bits from the lowest", async () => {
    for (const bits of [1, 2, 4]) {
      const rowBytes = Math.ceil((13 * bits) / 8);
      const bytes = new Uint8Array(rowBytes * 3);
      const at = (x: number, y: number): number => (x * 7 + y * 3) % (1 << bits);
      for (let y = 0; y < 3; y++)
        for (let x = 0; x < 13; x++)
          bytes[y * rowBytes + ((x * bits) >> 3)]! |= at(x, y) << (8 - bits - ((x * bits) & 7));
      const fields = imageFields({ width: 13, height: 3, bits, block: 3 });
      await using raster = await open({ pages: [{ fields, blocks: [bytes] }] });
      const { bands } = await raster.readWindow({ x: 0, y: 0, width: 13, height: 3 });
      expect([...(bands[0] ?? [])]).toEqual(Array.from({ length: 39 }, (_, i) => at(i % 13, Math.floor(i / 13))));
    }
    const reversed: TiffField = [TAG.fillOrder, FIELD.short, [2]];
    const fields = [...imageFields({ width: 8, height: 1, bits: 1, block: 1 }), reversed];
    await using raster = await open({ pages: [{ fields, blocks: [Uint8Array.of(0b0000_0011)] }] });
    expect([...((await raster.readWindow({ x: 0, y: 0, width: 8, height: 1 })).bands[0] ?? [])]).toEqual([
      1, 1, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it("fills blocks that are not stored with nodata, and says that they are none", async () => {
    const numbers = TYPES["int16"] as Numbers;
    const nodata: TiffField = [TAG.gdalNodata, FIELD.ascii, "-9999"];
    const fields = [...imageFields({ width: 32, height: 16, ...numbers, block: [16, 16] }), nodata];
    const block = new Uint8Array(512).fill(1);
    await using raster = await open({ pages: [{ fields, blocks: [null, block], tiled: true }] });
    const { bands, validity } = await raster.readWindow({ x: 15, y: 0, width: 2, height: 1 }, { validity: true });
    expect([[...(bands[0] ?? [])], [...(validity[0] ?? [])]]).toEqual([
      [-9999, 257],
      [0, 1],
    ]);
    const whole = await raster.readWindow({ x: 16, y: 0, width: 2, height: 1 }, { validity: true });
    expect(whole.validity).toEqual([null]);
  });

  it("finds overviews and the mask of each", async () => {
    const page = (width: number, kind: number, fill: number) => ({
      fields: [
        ...imageFields({ width, height: width, block: width }),
        [TAG.newSubfileType, FIELD.long, [kind]] as TiffField,
      ],
      blocks: [new Uint8Array(width * width).fill(fill)],
    });
    await using raster = await open({
      pages: [page(8, 0, 1), page(8, 4, 0), page(2, 1, 3), page(4, 1, 2), page(4, 5, 255), page(9, 0, 7)],
    });
    expect(raster.info).toMatchObject({
      mask: "mask",
      overviews: [{ width: 4 }, { width: 2 }],
      metadata: { OTHER_IMAGES: "1" },
    });
    const rect = { x: 0, y: 0, width: 2, height: 1 };
    const read = async (overview?: number) => raster.readWindow(rect, { overview, validity: true });
    expect((await read()).validity).toEqual([new Uint8Array([0, 0])]);
    expect(await read(0)).toMatchObject({ bands: [new Uint8Array([2, 2])], validity: [null] });
    expect(await read(1)).toMatchObject({ bands: [new Uint8Array([3, 3])] });
    await expect(read(2)).rejects.toMatchObject({ code: "argument.invalid" });
  });

  it("streams strips and blocks in order, each pixel once", async () => {
    const numbers = TYPES["uint8"] as Numbers;
    const fields = imageFields({ width: WIDTH, height: HEIGHT, ...numbers, block: [16, 16] });
    const spec = { pages: [{ fields, blocks: rawBlocks(numbers, [16, 16], 1, false, true, false), tiled: true }] };
    await using raster = await open(spec);
    const rows: number[] = [];
    for await (const { y, height, bands } of raster.listWindows({ rows: 5 })) {
      rows.push(y, height);
      expect(bands[0]?.[0]).toBe(value(0, y, 0));
    }
    expect(rows).toEqual([0, 5, 5, 5, 10, 5, 15, 5, 20, 3]);
    const places: string[] = [];
    for await (const { x, y, width, height } of raster.listWindows({ by: "blocks" }))
      places.push(`${x},${y} ${width}x${height}`);
    expect(places).toEqual(["0,0 16x16", "16,0 16x16", "32,0 5x16", "0,16 16x7", "16,16 16x7", "32,16 5x7"]);
  });

  it("stops when it is told to, and refuses windows beyond the edge and use after close", async () => {
    const fields = imageFields({ width: 4, height: 4, block: 1 });
    const raster = await open({ pages: [{ fields, blocks: Array.from({ length: 4 }, () => new Uint8Array(4)) }] });
    const stop = new AbortController();
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const { y } of raster.listWindows({ signal: stop.signal, rows: 1 })) {
        seen.push(y);
        stop.abort();
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: "cancelled" });
    expect(seen).toEqual([0]);
    for (const rect of [
      { x: 0, y: 0, width: 5, height: 1 },
      { x: -1, y: 0, width: 1, height: 1 },
      { x: 0, y: 0, width: 0, height: 1 },
      { x: 0.5, y: 0, width: 1, height: 1 },
    ])
      await expect(raster.readWindow(rect)).rejects.toMatchObject({ code: "argument.invalid" });
    await expect(raster.readWindow({ x: 0, y: 0, width: 1, height: 1 }, { bands: [1] })).rejects.toMatchObject({
      code: "argument.invalid",
    });
    await raster.close();
    await expect(raster.readWindow({ x: 0, y: 0, width: 1, height: 1 })).rejects.toMatchObject({
      code: "argument.invalid",
    });
  });

  it("refuses bombs, circles, absurd sizes and what it cannot read by name", async () => {
    const refuse = async (spec: TiffSpec, code: string, message: RegExp): Promise<void> => {
      const read = async (): Promise<unknown> => {
        await using raster = await open(spec);
        return raster.readWindow({ x: 0, y: 0, width: 1, height: 1 });
      };
      const error = await read().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    };
    const bomb = deflateSync(new Uint8Array(50_000_000));
    const one = (fields: TiffField[], block: Uint8Array = new Uint8Array(16)): TiffSpec => ({
      pages: [{ fields, blocks: [block] }],
    });
    const side = { width: 4, height: 4, block: 4 };
    await refuse(one(imageFields({ ...side, compression: 8 }), bomb), "raster.damaged", /more than the block's pixels/);
    await refuse({ ...one(imageFields(side)), isCircle: true }, "raster.damaged", /in a circle/);
    await refuse(one(imageFields({ width: 4e9, height: 4, block: 4 })), "raster.damaged", /4000000000 columns/);
    await refuse(
      one(imageFields({ width: 2e9, height: 1e9, block: 1e9, compression: 5 })),
      "raster.tooLarge",
      /a block has/,
    );
    await refuse(one(imageFields({ ...side, compression: 34712 })), "raster.unsupported", /JPEG 2000/);
    await refuse(one(imageFields({ ...side, bits: 12 })), "raster.unsupported", /12-bit integers/);
    await refuse(one(imageFields({ ...side, bits: 64, format: 6 })), "raster.unsupported", /complex/);
    await refuse(one(imageFields(side), new Uint8Array(3)), "raster.truncated", /a strip has 3 bytes/);
  });
});
