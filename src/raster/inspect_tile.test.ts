import { gzipSync } from "node:zlib";
import fc from "fast-check";
import sharp, { type Sharp } from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { isTilthError } from "../core/index.ts";
import { readTileBodies } from "../../test/support/real_tiles.ts";
import { mvtTile } from "../../test/support/tile_bytes.ts";
import { inspectTile } from "./inspect_tile.ts";
import type { TileImageFormat, TileInspection } from "./tile_format.ts";

const WIDTH = 20;
const HEIGHT = 10;

/** Pixels that do not compress to nothing. */
function noise(channels: 3 | 4): Sharp {
  const pixels = Buffer.from(Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => (i * 7919) % 251));
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** The smallest WebP that there is: 26 bytes, lossless. */
const SMALLEST_WEBP = Buffer.from("UklGRhIAAABXRUJQVlA4TAYAAAAvQWxvAGs=", "base64");

const IMAGES: readonly [string, TileImageFormat, () => Promise<Buffer>][] = [
  ["PNG", "png", () => noise(4).png().toBuffer()],
  ["PNG with a palette, interlaced", "png", () => noise(3).png({ palette: true, progressive: true }).toBuffer()],
  ["JPEG", "jpeg", () => noise(3).jpeg().toBuffer()],
  ["JPEG, progressive with a profile", "jpeg", () => noise(3).jpeg({ progressive: true }).withMetadata().toBuffer()],
  ["WebP, lossy", "webp", () => noise(3).webp().toBuffer()],
  ["WebP, lossless", "webp", () => noise(4).webp({ lossless: true }).toBuffer()],
  ["WebP with alpha", "webp", () => noise(4).webp().toBuffer()],
  ["GIF", "gif", () => noise(4).gif().toBuffer()],
  ["AVIF", "avif", () => noise(3).avif({ effort: 0 }).toBuffer()],
  ["AVIF with alpha", "avif", () => noise(4).avif({ effort: 0 }).toBuffer()],
  ["TIFF", "tiff", () => noise(3).tiff({ compression: "none" }).toBuffer()],
  ["TIFF in blocks", "tiff", () => noise(3).tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer()],
  ["TIFF with a profile", "tiff", () => noise(3).tiff({ compression: "lzw" }).withMetadata().toBuffer()],
];

/** What `inspectTile` says, or the code of its error; anything else that it throws fails the test. */
function verdict(data: Uint8Array): TileInspection | string {
  try {
    return inspectTile(data);
  } catch (error) {
    if (isTilthError(error)) return error.code;
    throw error;
  }
}

describe.each(IMAGES)("%s", (_name, format, make) => {
  let data: Buffer;
  beforeAll(async () => {
    data = await make();
  });

  test("is known with its size", () => {
    expect(inspectTile(data)).toEqual({ format, width: WIDTH, height: HEIGHT });
  });

  test("is known in a window of a larger buffer", () => {
    const larger = new Uint8Array(data.length + 100).fill(0xff);
    larger.set(data, 33);
    expect(inspectTile(larger.subarray(33, 33 + data.length))).toMatchObject({ format, width: WIDTH });
  });

  test("is refused when any number of bytes is missing at its end", () => {
    const accepted = Array.from({ length: data.length }, (_, length) => length).filter(
      (length) => typeof verdict(data.subarray(0, length)) !== "string",
    );
    expect(accepted).toEqual([]);
  });

  test("never throws anything but typed errors when bytes are changed", () => {
    const change = fc.tuple(fc.nat(data.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(data.length), (changes, length) => {
        const broken = Uint8Array.from(data);
        for (const [at, value] of changes) broken[at] = value;
        expect(["string", "object"]).toContain(typeof verdict(broken));
        verdict(broken.subarray(0, length));
      }),
      { numRuns: 300 },
    );
  });
});

describe("vector tiles", () => {
  test("plain and gzipped are known, without a size", () => {
    const mvt = { format: "mvt", width: null, height: null };
    expect(inspectTile(mvtTile())).toEqual(mvt);
    expect(inspectTile(gzipSync(mvtTile()))).toEqual(mvt);
  });

  test("of two layers are refused when cut, except between the layers, where nothing tells", () => {
    const first = mvtTile("water");
    const data = Buffer.concat([first, mvtTile("roads")]);
    for (let length = 0; length < data.length; length++) {
      const isWholeLayer = length === first.length;
      expect(typeof verdict(data.subarray(0, length))).toBe(isWholeLayer ? "object" : "string");
    }
  });

  test("gzipped are refused below the size of an empty gzip file; only unpacking tells more", () => {
    const data = gzipSync(mvtTile("a layer with a longer name"));
    expect(verdict(data.subarray(0, 19))).toBe("tile.truncated");
    expect(verdict(data.subarray(0, 30))).toMatchObject({ format: "mvt" });
  });

  test("with a layer of 2 GB that is not there are refused", () => {
    expect(verdict(Uint8Array.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0x07, 0))).toBe("tile.truncated");
    expect(verdict(Uint8Array.of(0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toBe("tile.truncated");
  });
});

describe("bodies that are no tile", () => {
  test.each([
    ["", "tile.empty"],
    ["<!DOCTYPE html><title>Error</title>", "tile.notImage"],
    ["<?xml version='1.0'?><a/>", "tile.notImage"],
    ['{"message":"Not Found"}', "tile.notImage"],
    ["GIF89a", "tile.truncated"],
    ["RIFFxxxxWAVE", "tile.notImage"],
    ["I", "tile.notImage"],
    ["IMAGE NOT FOUND", "tile.notImage"],
    ["\0\0\0\x18ftypmp42\0\0\0\0", "tile.notImage"],
  ])("%j is %s", (text, code) => expect(verdict(Buffer.from(text, "latin1"))).toBe(code));

  test("are shown by their first bytes, without control characters", () => {
    const page = Buffer.from("<html>\x1b[31m\0wrong key", "latin1");
    expect(() => inspectTile(page)).toThrow(/an HTML page of 21 bytes beginning '<html>\.\[31m\.wrong key'/);
  });

  test("of any bytes are refused with a typed error or taken for a tile", () => {
    const magics = ["89504e470d0a1a0a", "ffd8ffe0", "52494646", "474946383961", "49492a00", "4d4d002a", "1a", "1f8b08"];
    const magic = fc.constantFrom(...magics, "0000001c667479706176696600000000").map((hex) => Buffer.from(hex, "hex"));
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          fc.tuple(magic, bytes).map(([head, rest]) => Buffer.concat([head, rest])),
        ),
        (data) => {
          expect(["string", "object"]).toContain(typeof verdict(data));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("what real servers do", () => {
  test.each(["jpeg", "gif"] as const)(
    "64 bytes of padding behind a %s are accepted, 65 behind a JPEG are not",
    async (format) => {
      const data = await noise(3).toFormat(format).toBuffer();
      expect(verdict(Buffer.concat([data, Buffer.alloc(60), Buffer.from("\r\n\r\n")]))).toMatchObject({ format });
      if (format === "jpeg") expect(verdict(Buffer.concat([data, Buffer.alloc(65)]))).toBe("tile.truncated");
    },
  );

  test("a WebP of 26 bytes, the smallest there is, is known", () => {
    expect(inspectTile(SMALLEST_WEBP)).toMatchObject({ format: "webp", width: 11330, height: 446 });
  });
});

const realData = process.env["TILTH_REAL_DATA"];
if (realData !== undefined) {
  describe("real archives", () => {
    test.each([
      ["plain_1_world_z0-4", "png", 285],
      ["plain_3_z4-8_2621tiles", "png", 2621],
      ["geography_class_jpg_z0-1", "jpeg", 5],
      ["world_lakes_overlay_z2-4", "png", 84],
      ["world_cities_vector_z0-6", "mvt", 196],
    ])("each tile of %s is a whole %s", (name, format, count) => {
      const tiles = readTileBodies(`${realData}/mbtiles/${name}.mbtiles`);
      expect(tiles).toHaveLength(count);
      for (const tile of tiles) expect(inspectTile(tile)).toMatchObject({ format });
    });

    test("tiles of two bytes FF FF are none", () => {
      const [tile] = readTileBodies(`${realData}/mbtiles/INVALID_tile_format.mbtiles`);
      expect(verdict(tile ?? new Uint8Array())).toBe("tile.notImage");
    });
  });
}
