import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { openFileReader } from "./byte_reader.ts";

const { path } = useTempFolder();

test("pieces shorter and longer than what is read at a time are those of the file, in buffers of their own", async () => {
  const all = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
  writeFileSync(path("a"), all);
  await using reader = await openFileReader(path("a"));
  let at = 0;
  for (const size of [4, 20, 0, 262_120, 1, 300_000, 262_144, 100_000]) {
    const bytes = await reader.read(size);
    expect(bytes.buffer.byteLength).toBe(size);
    expect(Buffer.compare(bytes, all.subarray(at, at + size))).toBe(0);
    at += size;
  }
  expect(await reader.read(100_000)).toEqual(all.subarray(at));
  expect(await reader.read(1)).toHaveLength(0);
});
