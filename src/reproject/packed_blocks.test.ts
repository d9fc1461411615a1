import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ControlBlock } from "./control_mesh.ts";
import { packBlocks, unpackBlocks } from "./packed_blocks.ts";

const pixels = fc.nat(256);
const positions = (size: number): fc.Arbitrary<Float64Array> =>
  fc.float64Array({ minLength: size, maxLength: size, noNaN: false });

const block: fc.Arbitrary<ControlBlock> = fc
  .record({
    x: pixels,
    y: pixels,
    width: pixels,
    height: pixels,
    size: pixels,
    scale: fc.tuple(fc.double(), fc.double()),
    kind: fc.constantFrom("mesh" as const, "points" as const),
  })
  .chain((head) => positions(head.kind === "mesh" ? 8 : 128).map((list) => ({ ...head, positions: list })));

describe("packed blocks", () => {
  test("are the same after the way to a thread, tile by tile", () => {
    fc.assert(
      fc.property(fc.array(fc.array(block, { maxLength: 4 }), { maxLength: 4 }), (tiles) => {
        expect(unpackBlocks(structuredClone(packBlocks(tiles)))).toEqual(tiles);
      }),
      { seed: 20, numRuns: 100 },
    );
  });
});
