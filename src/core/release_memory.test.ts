import { expect, test } from "vitest";
import { releaseMemory } from "./release_memory.ts";

test("memory is gone at once, unless another may have a part of it", () => {
  const own = new Float64Array(1000);
  const part = new Uint8Array(own.byteLength).subarray(1);
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const pooled = Buffer.from("abc");
  const buffer = new ArrayBuffer(10);
  releaseMemory([own, own, part, shared, pooled, buffer]);
  expect([own.length, part.length, shared.length, pooled.toString()]).toEqual([0, 7999, 2, "abc"]);
  expect(buffer.detached).toBe(true);
});
