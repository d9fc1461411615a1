import { describe, expect, test } from "vitest";
import { clipLine, type UnitBox } from "./clip_lines.ts";
import { joinLines } from "./join_lines.ts";
import { seaPolygons } from "./sea_polygons.ts";

const BOX: UnitBox = [0, 0, 100, 100];
const line = (...values: number[]): Int32Array => Int32Array.from(values);

/** Area of the sea, holes taken away; null when there is none. */
function seaArea(coastlines: Int32Array[], box = BOX): number | null {
  const { polygons } = seaPolygons(coastlines, box);
  if (polygons === null) return null;
  let sum = 0;
  for (const ring of polygons.flat())
    for (let i = 0; i + 3 < ring.length; i += 2)
      sum += (ring[i] ?? 0) * (ring[i + 3] ?? 0) - (ring[i + 2] ?? 0) * (ring[i + 1] ?? 0);
  return sum / 2;
}

describe("the sea", () => {
  test("lies to the right of the coast", () => {
    expect(seaArea([line(-10, 30, 110, 30)])).toBe(3000);
    expect(seaArea([line(110, 30, -10, 30)])).toBe(7000);
    expect(seaArea([line(40, -5, 40, 105)])).toBe(6000);
  });

  test("is joined out of coasts in any order, beyond the box as well", () => {
    expect(seaArea([line(50, 30, 110, 30), line(-50, 30, -10, 30), line(-10, 30, 50, 30)])).toBe(3000);
  });

  test("goes round islands, and islands alone lie in it", () => {
    const island = line(40, 40, 60, 40, 60, 60, 40, 60, 40, 40);
    expect(seaArea([island])).toBe(10_000 - 400);
    expect(seaArea([line(-10, 80, 110, 80), island])).toBe(8000 - 400);
  });

  test("is what islands leave that lie across the edge or the corner", () => {
    expect(seaArea([line(-10, 40, 10, 40, 10, 60, -10, 60, -10, 40)])).toBe(10_000 - 200);
    expect(seaArea([line(90, 90, 110, 90, 110, 110, 90, 110, 90, 90)])).toBe(10_000 - 100);
  });

  test("lies in two bays of one coast", () => {
    // Land above; the coast goes out of the box and comes back.
    expect(seaArea([line(-10, 50, 20, 50, 20, -20, 80, -20, 80, 50, 110, 50)])).toBe(2000);
  });

  test("within land is a ring that goes clockwise", () => {
    expect(seaArea([line(40, 40, 40, 60, 60, 60, 60, 40, 40, 40)])).toBe(400);
  });

  test("is not known without a coast, nor where the coast ends", () => {
    expect(seaArea([])).toBe(null);
    expect(seaPolygons([line(-10, 30, 50, 30)], BOX)).toMatchObject({ polygons: null, problems: ["open"] });
  });
});

test("a line is clipped to its parts within", () => {
  expect(clipLine(line(-10, 50, 50, 50, 50, 150, 60, 150, 60, 90), BOX).map((part) => [...part])).toEqual([
    [0, 50, 50, 50, 50, 100],
    [60, 100, 60, 90],
  ]);
  expect(clipLine(line(-10, 150, -10, -50), BOX)).toEqual([]);
});

test("lines are joined in their direction, rings closed", () => {
  const chains = joinLines([line(2, 2, 3, 3), line(0, 0, 1, 1), line(1, 1, 2, 2), line(5, 5, 6, 6), line(6, 6, 5, 5)]);
  expect(chains.map((chain) => [...chain])).toEqual([
    [0, 0, 1, 1, 2, 2, 3, 3],
    [5, 5, 6, 6, 5, 5],
  ]);
});
