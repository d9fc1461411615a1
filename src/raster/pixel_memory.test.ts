import { expect, it } from "vitest";
import { PixelMemory } from "./pixel_memory.ts";
import { newPixels } from "./pixel_type.ts";

it("gives out again what came back, by its size, and keeps no more than it has given out", () => {
  const memory = new PixelMemory();
  const first = memory.take("uint16", 100);
  memory.give([first, newPixels("uint16", 100)]);
  const same = memory.take("int16", 100);
  expect(same.buffer).toBe(first.buffer);
  const stranger = newPixels("float32", 50);
  memory.give([same]);
  memory.give([stranger]);
  expect(memory.take("float32", 60).buffer.byteLength).toBe(240);
  expect(memory.take("float32", 50).buffer).toBe(first.buffer);
  expect(memory.take("float32", 50).buffer).not.toBe(stranger.buffer);
});

it("keeps nothing of what went to a thread", () => {
  const memory = new PixelMemory();
  const gone = memory.take("uint8", 8);
  structuredClone(gone, { transfer: [gone.buffer] });
  memory.give([gone]);
  expect(memory.take("uint8", 8)).toHaveLength(8);
});
