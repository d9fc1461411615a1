import { describe, expect, test } from "vitest";
import { runKernel, type RunOptions } from "../run_kernel.ts";
import { extendBlock, type HeightBlock } from "../height_block.ts";
import { FastKernels } from "./fast_kernels.ts";
import type { GradientMethod } from "./gradient.ts";
import { hillshadeKernel } from "./hillshade.ts";
import { slopeKernel } from "./slope.ts";

const SIDES = { top: true, bottom: true, left: true, right: true };
const METHODS: readonly GradientMethod[] = ["horn", "zevenbergenThorne"];
const fast = new FastKernels();

/** Hills with a cliff, a plain and heights that are missing. */
function hills(width: number, height: number): HeightBlock {
  const block = fast.makeBlock(width, height);
  block.heights.fill(Number.NaN);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const hill = 300 + 80 * Math.sin(x / 5) * Math.cos(y / 7) + (x > 2 * y ? 400 : 0);
      const z = (x + y) % 23 === 0 ? Number.NaN : x < 6 && y > 9 ? 200 : hill;
      block.heights[(y + 1) * (width + 2) + x + 1] = z;
    }
  return block;
}

const cases = METHODS.flatMap((method) =>
  [4, 5, 7, 40].flatMap((width) => [false, true].map((computeEdges) => [method, width, computeEdges] as const)),
);

describe.each(cases)("by %s, %d columns wide, edges computed: %s", (method, width, computeEdges) => {
  const block = hills(width, 31);
  if (computeEdges) extendBlock(block, SIDES);
  // Cells of another size in each row.
  const run: RunOptions = {
    sizeOf: (y) => ({ width: 20 + y / 10, height: 25 }),
    computeEdges,
    ...(computeEdges ? { sides: SIDES } : {}),
  };
  const copy = { ...block, heights: block.heights.slice() };

  test.each(["degrees", "percent"] as const)("slope in %s is the plain kernel's", (unit) => {
    const expected = runKernel(copy, slopeKernel({ method, unit }), run);
    block.heights.set(copy.heights);
    const found = fast.slope(block, { method, unit }, run);
    for (const [i, value] of expected.entries())
      if (Number.isNaN(value)) expect(found[i]).toBeNaN();
      else expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(1e-5 * value);
  });

  test.each(["single", "combined", "multidirectional"] as const)("hillshade, %s, is the plain kernel's", (mode) => {
    const options = { method, mode, azimuthDeg: 290, altitudeDeg: 40, zFactor: 1.5 } as const;
    const expected = runKernel(copy, hillshadeKernel(options), run);
    block.heights.set(copy.heights);
    const found = fast.hillshade(block, options, run);
    for (const [i, value] of expected.entries())
      if (Number.isNaN(value)) expect(found[i]).toBe(0);
      else expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(0.501);
  });
});

test("a window is at least as wide as what is done at once", () => {
  expect(() => fast.makeBlock(3, 5)).toThrow(expect.objectContaining({ code: "argument.invalid" }));
});
