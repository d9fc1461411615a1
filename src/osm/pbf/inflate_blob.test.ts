import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { inflateBlob, releaseInflated } from "./inflate_blob.ts";

/** A `Blob` of field 2 (its raw size) and field 3 (zlib). */
function zlibBlob(raw: Uint8Array): Uint8Array {
  const packed = deflateSync(raw);
  return Uint8Array.from([0x10, ...varint(raw.length), 0x1a, ...varint(packed.length), ...packed]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

test("a block comes in one piece of memory, beside which none is taken, and gives it back", () => {
  const blob = zlibBlob(bytesOf(8_000_000));
  const before = process.memoryUsage().arrayBuffers;
  const bytes = inflateBlob(blob);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(9_000_000);
  expect(Buffer.compare(bytes, bytesOf(8_000_000))).toBe(0);
  releaseInflated(bytes);
  expect([bytes.byteLength, bytes.buffer.byteLength]).toEqual([0, 0]);
});

test("a small one leaves the pool alone that it may lie in", () => {
  const [bytes, neighbour] = [inflateBlob(zlibBlob(bytesOf(100))), Buffer.allocUnsafe(10)];
  releaseInflated(bytes);
  expect(bytes.byteLength === 0 || bytes.buffer.byteLength > 101).toBe(true);
  expect(neighbour).toHaveLength(10);
  expect(Buffer.allocUnsafe(10)).toHaveLength(10);
});
