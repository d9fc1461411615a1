import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { zlib as packFast } from "libdeflate";
import { describe, expect, it } from "vitest";
import { openBlockMemory } from "./block_memory.ts";
import { decodeBlock } from "./decode_block.ts";
import { decodeFast } from "./fast_block.ts";
import type { ImageLayout } from "./image_layout.ts";
import { COMPRESSION } from "./tiff_tags.ts";

const PACKED_PTR = 2 ** 20;
const TABLE_PTR = 2 ** 21;

function inflate(packed: Uint8Array, capacity: number): Uint8Array | null {
  const { buffer, exports } = openBlockMemory(TABLE_PTR + 2 ** 14);
  new Uint8Array(buffer, PACKED_PTR, packed.length).set(packed);
  const sizeBytes = exports.inflate(PACKED_PTR, packed.length, 0, capacity, TABLE_PTR);
  return sizeBytes < 0 ? null : new Uint8Array(buffer, 0, sizeBytes).slice();
}

function inflateByZlib(packed: Uint8Array, capacity: number): Uint8Array | null {
  try {
    return Uint8Array.from(inflateSync(packed, { maxOutputLength: capacity }));
  } catch {
    return null;
  }
}

/** Noise, runs, words that come again at any distance, and few values that are frequent: codes of all lengths. */
const contents = fc
  .record({ kind: fc.constantFrom("noise", "runs", "words", "skewed"), length: fc.nat(70_000), seed: fc.nat() })
  .map(({ kind, length, seed }) => {
    let state = seed >>> 0;
    const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const bytes = new Uint8Array(length);
    if (kind === "noise") return bytes.map(() => draw() * 256);
    if (kind === "skewed") return bytes.map(() => Math.min(255, -Math.log(1 - draw()) * 14));
    for (let at = 0; at < length;) {
      const count = Math.min(length - at, 1 + Math.floor(draw() * (kind === "runs" ? 3000 : 60)));
      if (kind === "runs") bytes.fill(draw() * 256, at, at + count);
      else if (at > 300 && draw() < 0.8) bytes.copyWithin(at, Math.floor(draw() * (at - 60)), at + count);
      else for (let i = at; i < at + count; i++) bytes[i] = draw() * 256;
      at += count;
    }
    return bytes;
  });

const packers = fc.oneof(
  fc
    .record({ level: fc.nat(9), strategy: fc.nat(4), memLevel: fc.integer({ min: 1, max: 9 }) })
    .map((options) => (bytes: Uint8Array) => Uint8Array.from(deflateSync(bytes, options))),
  fc.integer({ min: 1, max: 12 }).map((level) => (bytes: Uint8Array) => packFast(bytes, level)),
);

describe("inflate", () => {
  it("unpacks what any packer made, and no more than it may", () => {
    fc.assert(
      fc.property(contents, packers, (bytes, pack) => {
        const packed = pack(bytes);
        expect(Buffer.compare(inflate(packed, bytes.length) ?? new Uint8Array(1), bytes)).toBe(0);
        if (bytes.length > 0) expect(inflate(packed, bytes.length - 1)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it("refuses and accepts what zlib does, cut and with bits turned over", () => {
    const faults = fc.record({ cut: fc.nat(), flips: fc.array(fc.nat(), { maxLength: 3 }), isCut: fc.boolean() });
    fc.assert(
      fc.property(contents, packers, faults, (bytes, pack, { cut, flips, isCut }) => {
        const packed = pack(bytes);
        for (const flip of flips) {
          const at = (flip >> 3) % packed.length;
          packed[at] = (packed[at] as number) ^ (1 << (flip & 7));
        }
        const given = isCut ? packed.subarray(0, cut % packed.length) : packed;
        const capacity = bytes.length + 1;
        expect(inflate(given, capacity)).toEqual(inflateByZlib(given, capacity));
      }),
      { numRuns: 500 },
    );
  });

  it("goes on where other bytes follow", () => {
    const packed = deflateSync(new Uint8Array(5000).fill(7));
    expect(inflate(Buffer.concat([packed, Buffer.from("more")]), 5000)).toHaveLength(5000);
  });
});

const LAYOUT: ImageLayout = {
  width: 256,
  height: 256,
  blockWidth: 256,
  blockHeight: 256,
  isTiled: true,
  isPlanar: false,
  samples: 1,
  bits: 16,
  type: "uint16",
  compression: COMPRESSION.deflate,
  predictor: 1,
  photometric: 1,
  littleEndian: true,
  isBitReversed: false,
  jpegTables: null,
  lercWrap: 0,
};
const values = Uint16Array.from({ length: 65_536 }, (_, i) => (i * 7) % 5000);
const packed = Uint8Array.from(deflateSync(new Uint8Array(values.buffer)));

describe("decodeFast", () => {
  it("lends pixels, of which decodeBlock makes a copy", async () => {
    const lent = decodeFast(packed, LAYOUT, 256);
    expect(lent).toEqual(values);
    const kept = await decodeBlock(packed, LAYOUT, 256);
    decodeFast(Uint8Array.from(deflateSync(new Uint8Array(131_072))), LAYOUT, 256);
    expect(kept).toEqual(values);
  });

  it("leaves other blocks and what is damaged to the plain way", async () => {
    const others: Partial<ImageLayout>[] = [
      { compression: COMPRESSION.lzw },
      { littleEndian: false },
      { isBitReversed: true },
      { bits: 64, type: "float64" },
    ];
    for (const other of others) expect(decodeFast(packed, { ...LAYOUT, ...other }, 256)).toBeNull();
    const cut = packed.subarray(0, packed.length - 9);
    expect(decodeFast(cut, LAYOUT, 256)).toBeNull();
    await expect(decodeBlock(cut, LAYOUT, 256)).rejects.toMatchObject({ code: "raster.damaged" });
  });
});
