import { describe, expect, test } from "vitest";
import type { KernelForSize } from "./cell_kernel.ts";
import { runKernel } from "./run_kernel.ts";
import { emptyBlock, extendBlock, type HeightBlock } from "./height_block.ts";
import { aspectKernel } from "./kernels/aspect.ts";
import { curvatureKernel } from "./kernels/curvature.ts";
import type { GradientMethod } from "./kernels/gradient.ts";
import { hillshadeKernel } from "./kernels/hillshade.ts";
import { positionKernel } from "./kernels/position.ts";
import { roughnessKernel } from "./kernels/roughness.ts";
import { ruggednessKernel } from "./kernels/ruggedness.ts";
import { slopeKernel } from "./kernels/slope.ts";

const SIDES = { top: true, bottom: true, left: true, right: true };
const CELL = { width: 10, height: 10 };
const METHODS: readonly GradientMethod[] = ["horn", "zevenbergenThorne"];

/** Heights at cell centres, metres east and south of the first. */
function surface(width: number, height: number, at: (x: number, y: number) => number): HeightBlock {
  const block = emptyBlock(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) block.heights[(y + 1) * (width + 2) + x + 1] = at(x * CELL.width, y * CELL.height);
  return block;
}

const run = (block: HeightBlock, kernel: KernelForSize): number[] => [
  ...runKernel(block, kernel, { sizeOf: () => CELL }),
];

/** Of the cell in the middle of 3 x 3. */
const middle = (block: HeightBlock, kernel: KernelForSize): number => run(block, kernel)[4] as number;

describe("a plane", () => {
  // Rises 3 in 10 to the east and 4 in 10 to the north: 5 in 10 towards 36.87 degrees from north.
  const plane = surface(3, 3, (x, y) => 0.3 * x - 0.4 * y);

  test.each(METHODS)("has its slope and aspect everywhere, by %s", (method) => {
    expect(middle(plane, slopeKernel({ method, unit: "percent" }))).toBeCloseTo(50, 4);
    expect(middle(plane, slopeKernel({ method, unit: "degrees" }))).toBeCloseTo(26.565, 3);
    expect(middle(plane, aspectKernel({ method, angle: "azimuth" }))).toBeCloseTo(216.87, 3);
    expect(middle(plane, aspectKernel({ method, angle: "trigonometric" }))).toBeCloseTo(233.13, 3);
  });

  test("is as bright as the light falls on it", () => {
    const light = { method: "horn", mode: "single", altitudeDeg: 63.434949, zFactor: 1 } as const;
    // Straight onto it, and from behind.
    expect(middle(plane, hillshadeKernel({ ...light, azimuthDeg: 216.869898 }))).toBeCloseTo(255, 3);
    expect(middle(plane, hillshadeKernel({ ...light, altitudeDeg: 20, azimuthDeg: 36.87 }))).toBe(1);
    expect(middle(plane, hillshadeKernel({ ...light, azimuthDeg: 216.87, zFactor: 2 }))).toBeLessThan(250);
  });

  test("neither bends nor is rough beyond its slope", () => {
    for (const kind of ["profile", "plan", "total"] as const)
      expect(middle(plane, curvatureKernel(kind))).toBeCloseTo(0, 4);
    expect(middle(plane, positionKernel())).toBeCloseTo(0, 5);
    // From -7 to 7 between opposite corners.
    expect(middle(plane, roughnessKernel())).toBeCloseTo(14, 5);
    expect(middle(plane, ruggednessKernel("wilson"))).toBeCloseTo((2 * (7 + 1 + 3 + 4)) / 8, 5);
    expect(middle(plane, ruggednessKernel("riley"))).toBeCloseTo(Math.sqrt(2 * (49 + 1 + 9 + 16)), 5);
  });
});

describe("level ground", () => {
  const level = surface(3, 3, () => 5);

  test("has no aspect, no slope, and the light of its altitude", () => {
    expect(middle(level, aspectKernel({ method: "horn", angle: "azimuth" }))).toBeNaN();
    expect(middle(level, aspectKernel({ method: "horn", angle: "azimuth", zeroForFlat: true }))).toBe(0);
    expect(middle(level, slopeKernel({ method: "horn", unit: "degrees" }))).toBe(0);
    for (const mode of ["single", "multidirectional"] as const) {
      const options = { method: "horn", mode, azimuthDeg: 10, altitudeDeg: 30, zFactor: 1 } as const;
      expect(middle(level, hillshadeKernel(options))).toBeCloseTo(128, 4);
    }
    for (const kind of ["profile", "plan", "total"] as const)
      expect(middle(level, curvatureKernel(kind))).toBeCloseTo(0);
  });
});

describe("a dome and a valley", () => {
  test("bend as their formulas say", () => {
    // z = -(x^2 + y^2) / 1000 beside its top: the second derivative is -0.002 each way.
    const dome = surface(3, 3, (x, y) => -((x + 20) ** 2 + (y - 10) ** 2) / 1000);
    expect(middle(dome, curvatureKernel("total"))).toBeCloseTo(0.4, 3);
    expect(middle(dome, curvatureKernel("profile"))).toBeCloseTo(-0.2, 3);
    expect(middle(dome, curvatureKernel("plan"))).toBeCloseTo(0.2, 3);
    const valley = surface(3, 3, (x) => (x - 10) ** 2 / 1000);
    expect(middle(valley, curvatureKernel("total"))).toBeCloseTo(-0.2, 4);
    expect(middle(valley, positionKernel())).toBeCloseTo(-0.075, 5);
  });
});

describe("where heights are missing", () => {
  const slope = slopeKernel({ method: "horn", unit: "percent" });
  const plane = (): HeightBlock => surface(5, 5, (x, y) => 0.3 * x - 0.4 * y);

  test("there is no result, nor beside them", () => {
    const values = run(plane(), slope);
    const inner = [6, 7, 8, 11, 12, 13, 16, 17, 18];
    for (const [i, value] of values.entries()) expect(Number.isNaN(value)).toBe(!inner.includes(i));
    const gap = plane();
    gap.heights[3 * 7 + 3] = Number.NaN;
    expect(run(gap, slope).every(Number.isNaN)).toBe(true);
  });

  test("edges are computed when that is asked for: a plane goes on as it is, except at its corners", () => {
    const block = plane();
    extendBlock(block, SIDES);
    const values = runKernel(block, slope, { sizeOf: () => CELL, computeEdges: true, sides: SIDES });
    const corners = new Set([0, 4, 20, 24]);
    for (const [i, value] of values.entries())
      if (corners.has(i)) expect(value).toBeGreaterThan(0);
      else expect(value).toBeCloseTo(50, 3);
  });

  test("a cell without a height has none, whatever is computed", () => {
    const block = plane();
    block.heights[3 * 7 + 3] = Number.NaN;
    extendBlock(block, SIDES);
    const values = runKernel(block, slope, { sizeOf: () => CELL, computeEdges: true, sides: SIDES });
    expect(values.filter((value) => Number.isNaN(value))).toHaveLength(1);
    expect(values[12]).toBeNaN();
  });

  test("a raster of one cell has nothing to go on with", () => {
    const block = surface(1, 1, () => 7);
    extendBlock(block, SIDES);
    const values = runKernel(block, slope, { sizeOf: () => CELL, computeEdges: true, sides: SIDES });
    expect([...values]).toEqual([0]);
  });
});

test("windows with their border join without a seam", () => {
  const whole = surface(40, 30, (x, y) => Math.sin(x / 50) * Math.cos(y / 70) * 100);
  const cut = (x0: number, y0: number, width: number, height: number): HeightBlock => {
    const block = emptyBlock(width, height);
    for (let y = 0; y < height + 2; y++)
      block.heights.set(whole.heights.subarray((y0 + y) * 42 + x0, (y0 + y) * 42 + x0 + width + 2), y * (width + 2));
    return block;
  };
  const kernel = hillshadeKernel({ method: "horn", mode: "combined", azimuthDeg: 315, altitudeDeg: 45, zFactor: 1 });
  const all = run(whole, kernel);
  for (const [x0, y0, width, height] of [
    [0, 0, 17, 11],
    [17, 0, 23, 11],
    [0, 11, 17, 19],
    [17, 11, 23, 19],
  ] as const)
    for (const [i, value] of run(cut(x0, y0, width, height), kernel).entries())
      expect(value).toBe(all[(y0 + Math.floor(i / width)) * 40 + x0 + (i % width)]);
});
