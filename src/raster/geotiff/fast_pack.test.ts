import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRandom } from "../../../test/support/make_random.ts";
import { openBlockMemory } from "./block_memory.ts";
import { encodeBlocks } from "./encode_block.ts";
import type { BlocksToEncode } from "./encode_job.ts";
import { packFast } from "./fast_pack.ts";

const PACKED_PTR = 2 ** 22;
const WORK_PTR = 3 * 2 ** 22;
const INFLATED_PTR = WORK_PTR + 2 ** 19;
const END_PTR = INFLATED_PTR + 2 ** 22;

interface Planes {
  readonly planeBytes?: number;
  readonly planes?: number;
  readonly capacity?: number;
}

function deflate(bytes: Uint8Array, { planeBytes = 256, planes = 1, capacity }: Planes = {}): Uint8Array | null {
  const { buffer, exports } = openBlockMemory(END_PTR);
  new Uint8Array(buffer).set(bytes);
  const room = capacity ?? bytes.length + Math.ceil(bytes.length / 512) + 64;
  const sizeBytes = exports.deflate(0, bytes.length, PACKED_PTR, room, planeBytes, planes, WORK_PTR);
  return sizeBytes < 0 ? null : new Uint8Array(buffer, PACKED_PTR, sizeBytes).slice();
}

function inflate(packed: Uint8Array, capacity: number): Uint8Array | null {
  const { buffer, exports } = openBlockMemory(END_PTR);
  new Uint8Array(buffer, PACKED_PTR).set(packed);
  const sizeBytes = exports.inflate(PACKED_PTR, packed.length, INFLATED_PTR, capacity, WORK_PTR);
  return sizeBytes < 0 ? null : new Uint8Array(buffer, INFLATED_PTR, sizeBytes).slice();
}

/** Packs, and unpacks by zlib and by our own. @returns bytes of what was packed */
function roundTrip(bytes: Uint8Array, planes: Planes = {}): number {
  const packed = deflate(bytes, planes);
  if (packed === null) throw new Error("no room");
  expect(Buffer.compare(inflateSync(packed), bytes)).toBe(0);
  expect(Buffer.compare(inflate(packed, bytes.length) ?? new Uint8Array(1), bytes)).toBe(0);
  return packed.length;
}

const noise = (length: number, seed = 1): Uint8Array => {
  const random = makeRandom(seed);
  return new Uint8Array(length).map(() => random() * 256);
};

/** Pieces of noise, runs, few values, slow slopes and what came before, of any length. */
function structured(length: number, seed: number): Uint8Array {
  const random = makeRandom(seed);
  const bytes = new Uint8Array(length);
  const longest = 2 ** (1 + random() * 12);
  for (let at = 0; at < length;) {
    const end = Math.min(length, at + 1 + Math.floor(random() * longest));
    const kind = Math.floor(random() * 5);
    const first = random() * 256;
    if (kind === 4 && at > 0) bytes.copyWithin(at, Math.floor(random() * at), end);
    else
      for (let i = at; i < end; i++)
        bytes[i] = kind === 0 ? random() * 256 : kind === 1 ? first : kind === 2 ? -Math.log(1 - random()) * 9 : i - at;
    at = end;
  }
  return bytes;
}

describe("deflate", () => {
  it.each([0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 255, 256, 257, 258, 259, 260, 4095, 4096, 4097, 65_535, 65_536, 65_537])(
    "packs %d bytes of zeros, of one value, that count up and of noise",
    (length) => {
      const zeros = roundTrip(new Uint8Array(length));
      expect(zeros).toBeLessThanOrEqual(24 + length / 200);
      expect(roundTrip(new Uint8Array(length).fill(200))).toBeLessThanOrEqual(24 + length / 200);
      roundTrip(new Uint8Array(length).map((_, i) => i));
      expect(roundTrip(noise(length))).toBeLessThanOrEqual(length + 6 + 5 * Math.ceil(length / 65_535 + 1));
    },
  );

  it("packs anything in little time for little: planes of any width, 3000 small blocks", () => {
    for (let seed = 1; seed <= 3000; seed++) {
      const planes = seed % 3 === 0 ? 4 : 1;
      roundTrip(structured(seed % 700, seed), { planeBytes: 1 + (seed % 97), planes });
    }
  });

  it("packs larger blocks of anything", () => {
    const blocks = fc.record({
      length: fc.nat(300_000),
      seed: fc.nat(),
      planeBytes: fc.integer({ min: 1, max: 5000 }),
    });
    fc.assert(
      fc.property(blocks, fc.constantFrom(1, 2, 4), ({ length, seed, planeBytes }, planes) => {
        roundTrip(structured(length, seed), { planeBytes, planes });
      }),
      { numRuns: 60 },
    );
  });

  it.each([1, 2, 3, 4, 5, 256, 257, 32_766, 32_767, 32_768])("finds what lies %d bytes back", (distance) => {
    const bytes = noise(3 * 32_768, distance);
    for (let at = distance; at < bytes.length; at++) bytes[at] = bytes[at - distance] as number;
    expect(roundTrip(bytes)).toBeLessThan(distance + distance / 100 + 2000);
  });

  it("does not reach further than 32,768 bytes back", () => {
    const once = noise(32_769);
    expect(roundTrip(Buffer.concat([once, once]))).toBeGreaterThan(65_538);
  });

  it("begins a new block where statistics change", () => {
    const random = makeRandom(5);
    const bytes = new Uint8Array(400_000).map((_, i) => (i >> 15) * 16 + random() * ((i >> 15) % 2 === 0 ? 4 : 15));
    // libdeflate packs it to 196,000 at its level 6, to 185,000 at 12.
    expect(roundTrip(bytes)).toBeLessThan(165_000);
  });

  it("keeps codes short where some symbols are a million times as frequent as others", () => {
    // Fibonacci's numbers make codes as long as they can be: 26 bits of 27 values, and 15 are allowed.
    const counts = [1, 1];
    while (counts.length < 26) counts.push((counts.at(-1) as number) + (counts.at(-2) as number));
    const values = counts.flatMap((count, value) => Array.from({ length: count }, () => value * 9));
    const random = makeRandom(9);
    for (let i = values.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j] as number, values[i] as number];
    }
    expect(roundTrip(Uint8Array.from(values))).toBeLessThan(values.length * 0.4);
  });

  it("keeps codes of a header short, whatever lengths of codes there are", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = makeRandom(seed);
      const steep = 1.02 + random();
      roundTrip(new Uint8Array(20_000).map(() => Math.min(255, -Math.log(1 - random()) / Math.log(steep))));
    }
  });

  it("packs megabytes that are one block, and those of which each chunk is a block", () => {
    roundTrip(new Uint8Array(3_000_000));
    roundTrip(noise(2_500_000).map((value) => value & 127));
    roundTrip(structured(3_000_000, 77), { planeBytes: 1024, planes: 4 });
  });

  it("writes nothing beyond its room", () => {
    for (const bytes of [noise(70_000), structured(70_000, 3), new Uint8Array(70_000)]) {
      const whole = (deflate(bytes) as Uint8Array).length;
      for (let capacity = 0; capacity <= whole + 40; capacity += capacity < whole - 100 ? 997 : 1) {
        const { buffer } = openBlockMemory(END_PTR);
        const behind = new Uint8Array(buffer, PACKED_PTR + capacity, 64).fill(0xa5);
        const packed = deflate(bytes, { capacity });
        expect(behind.every((value) => value === 0xa5)).toBe(true);
        if (capacity < whole) expect(packed).toBeNull();
        if (capacity >= whole + 32) expect(packed).toHaveLength(whole);
      }
    }
  });

  it("gives the same for the same, whatever lay in the memory before", () => {
    const bytes = structured(100_003, 21);
    const first = deflate(bytes);
    for (let seed = 1; seed <= 5; seed++) {
      const { buffer } = openBlockMemory(END_PTR);
      new Uint8Array(buffer).set(noise(2 ** 21, seed));
      new Uint8Array(buffer).set(noise(2 ** 19, seed), WORK_PTR);
      expect(deflate(bytes)).toEqual(first);
    }
  });
});

function makeJob(change: Partial<BlocksToEncode> = {}): BlocksToEncode {
  const pixels = Float32Array.from({ length: 600 * 128 }, (_, i) => 500 + 100 * Math.sin(i / 700) + (i % 13) / 7);
  const how = {
    compression: "deflate",
    predictor: 3,
    level: 5,
    quality: 85,
    count: false,
    framed: false,
    nodata: null,
  } as const;
  return { ...how, pixels, width: 600, height: 128, type: "float32", bands: 1, side: 128, ...change };
}

describe("packFast", () => {
  it("hands over blocks that encodeBlocks packs as well at another level", async () => {
    const job = makeJob();
    const fast = packFast(job);
    const plain = await encodeBlocks(makeJob({ level: 12 }));
    const each = ({ bytes, sizes }: { bytes: Uint8Array; sizes: readonly number[] }): Buffer[] =>
      sizes.map((size, i) => {
        const from = sizes.slice(0, i).reduce((sum, of) => sum + of, 0);
        return inflateSync(bytes.subarray(from, from + size));
      });
    expect(fast?.sizes).toHaveLength(5);
    expect(fast === null ? [] : each(fast)).toEqual(each(plain));
    expect((await encodeBlocks(job)).bytes).toEqual(fast?.bytes);
  });

  it("leaves other jobs to others", () => {
    const others: Partial<BlocksToEncode>[] = [
      { compression: "zstd" },
      { level: 7 },
      { predictor: 1 },
      { side: 64 },
      { side: 2048 },
    ];
    for (const other of others) expect(packFast(makeJob(other))).toBeNull();
  });

  it("takes at level 6 what becomes as small as by libdeflate, and leaves what does not", () => {
    const random = makeRandom(7);
    const hills = Float32Array.from({ length: 600 * 128 }, (_, i) => 500 + 100 * Math.sin(i / 700) + random());
    expect(packFast(makeJob({ level: 6, pixels: hills }))?.sizes).toHaveLength(5);
    // Steps that come again after 13 pixels: matches of three bytes.
    expect(packFast(makeJob({ level: 6 }))).toBeNull();
  });
});
