import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bbox } from "../geo/index.ts";
import type { ControlBlock } from "./control_mesh.ts";
import { meshBlock, pointsBlock } from "./fixtures/kernel_scene.ts";
import { positionIn } from "./fixtures/places.ts";
import { listFootprint } from "./footprint.ts";

const areaOf = ([minX, minY, maxX, maxY]: Bbox): number => (maxX - minX) * (maxY - minY);

/** Boxes that hold a point with `reach` pixels around it. */
function holding(boxes: readonly Bbox[], x: number, y: number, reach: number): number {
  const slack = reach - 1e-9 * Math.max(1, Math.abs(x), Math.abs(y));
  return boxes.filter(
    ([minX, minY, maxX, maxY]) => x - slack >= minX && y - slack >= minY && x + slack <= maxX && y + slack <= maxY,
  ).length;
}

const step = fc.double({ min: -3, max: 3, noNaN: true });
const corner = fc.double({ min: -5000, max: 5000, noNaN: true });

describe("listFootprint", () => {
  test("holds every pixel of a turned and stretched square, with what is read around it", () => {
    const scene = fc.record({
      corner: fc.tuple(corner, corner),
      across: fc.tuple(step, step),
      down: fc.tuple(step, step),
      size: fc.tuple(fc.integer({ min: 1, max: 256 }), fc.integer({ min: 1, max: 256 })),
      reach: fc.integer({ min: 0, max: 9 }),
      pixels: fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { minLength: 20, maxLength: 20 }),
    });
    const property = fc.property(scene, ({ corner: at, across, down, size, reach, pixels }) => {
      const block = meshBlock(at, across, down, size);
      const boxes = [...listFootprint(block, reach)];
      for (const [column, row] of pixels) {
        const [x, y] = positionIn(block, column % size[0], row % size[1]);
        expect(holding(boxes, x, y, reach)).toBeGreaterThan(0);
      }
    });
    fc.assert(property, { seed: 4, numRuns: 300 });
  });

  test("follows a square that is turned by 45 degrees", () => {
    const block = meshBlock([1000, 1000], [0.7, 0.7], [-0.7, 0.7], [256, 256]);
    const boxes = [...listFootprint(block, 0)];
    const around = 256 * 1.4;
    const area = boxes.reduce((sum, box) => sum + areaOf(box), 0);
    // Sixteen boxes, each twice its piece: as much in sum as one box around all, but in other places.
    expect(boxes).toHaveLength(16);
    expect(area / around ** 2).toBeCloseTo(1, 6);
    // The corners of the box around all of it are left out.
    expect(holding(boxes, 1000 - around / 2 + 5, 1005, 0)).toBe(0);
    expect(holding(boxes, 1000, 1000 + around / 2, 0)).toBeGreaterThan(0);
  });

  test("is one box for a block of points, around those that have an image", () => {
    const none = Number.NaN;
    const block = pointsBlock(2, [none, none, 5, 9, 7.5, 3, none, none]);
    expect([...listFootprint(block, 2)]).toEqual([[3, 1, 9.5, 11]]);
  });

  test("is nothing for a block without an image", () => {
    const lost = (block: ControlBlock): ControlBlock => ({
      ...block,
      positions: block.positions.map(() => Number.NaN),
    });
    expect([...listFootprint(lost(pointsBlock(2, [1, 2, 3, 4])), 5)]).toEqual([]);
    expect([...listFootprint(lost(meshBlock([0, 0], [1, 0], [0, 1], [64, 64])), 5)]).toEqual([]);
  });

  test("is of what the block covers, not of its whole square", () => {
    const block = meshBlock([10, 20], [1, 0], [0, 1], [70, 3]);
    expect(block.size).toBe(128);
    expect([...listFootprint(block, 0)]).toEqual([
      [10, 20, 74, 23],
      [74, 20, 80, 23],
    ]);
  });
});
