import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bboxCoverage, geoJsonCoverage, worldCrs84Quad, type Coverage } from "../grid/index.ts";
import { parseTask, planTask, serializeTask, taskId, type SeedTask } from "./seed_task.ts";

const degrees = fc.integer({ min: -80, max: 70 });
const coverage: fc.Arbitrary<Coverage> = fc.tuple(degrees, degrees, fc.boolean()).map(([west, south, asPolygon]) => {
  const [east, north] = [west + 10, south + 10];
  const ring = [
    [west, south],
    [east, south],
    [east, north],
  ];
  if (asPolygon) return geoJsonCoverage(JSON.stringify({ type: "Polygon", coordinates: [ring] }));
  return bboxCoverage([west, south, east, north]);
});
const task: fc.Arbitrary<SeedTask> = fc.record({
  coverage,
  zooms: fc
    .uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1 })
    .map((zooms) => zooms.toSorted((a, b) => a - b)),
  sourceId: fc.option(fc.string()),
});

describe("a seed task", () => {
  test("comes back from its text as it was, with the same id and the same plan", () => {
    fc.assert(
      fc.property(task, (wanted) => {
        const back = parseTask(serializeTask(wanted));
        expect(back).toEqual(wanted);
        expect(taskId(back)).toBe(taskId(wanted));
        expect(taskId(back)).toMatch(/^[0-9a-f]{16}$/);
        const grid = worldCrs84Quad();
        expect(planTask(grid, back).levels).toEqual(planTask(grid, wanted).levels);
      }),
    );
  });

  test("of another area, zoom or source has another id", () => {
    const one = { coverage: bboxCoverage([0, 0, 1, 1]), zooms: [1, 2], sourceId: "a" };
    const others = [
      { ...one, coverage: bboxCoverage([0, 0, 1, 2]) },
      { ...one, zooms: [1] },
      { ...one, sourceId: null },
    ];
    expect(new Set([one, ...others].map(taskId)).size).toBe(4);
  });

  test.each([
    "",
    "{",
    "null",
    "7",
    '{"version":1}',
    '{"version":1,"coverage":{},"zooms":[]}',
    '{"version":1,"zooms":[1]}',
  ])("is refused when its text is %s", (text) => {
    expect(() => parseTask(text)).toThrowError(expect.objectContaining({ code: "store.corrupt" }));
  });

  test("of a version to come says that a newer Tilth is needed", () => {
    const text = JSON.stringify({ version: 2, area: "everywhere" });
    expect(() => parseTask(text)).toThrowError(/newer Tilth/);
  });
});
