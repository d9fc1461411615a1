import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { useTempFolder } from "../../test/support/temp_folder.ts";
import { readOsmArea } from "./osm_area.ts";

const folder = useTempFolder();

function coverage(...lons: readonly number[]): string {
  const ring = [...lons, lons[0] as number].map((lon, i) => [lon, i % 3]);
  const path = folder.path("coverage.geojson");
  writeFileSync(path, JSON.stringify({ type: "Polygon", coordinates: [ring] }));
  return path;
}

test("an area is a box, which may go over the antimeridian, or polygons, or everything", async () => {
  expect(await readOsmArea({})).toBeNull();
  expect(await readOsmArea({ bbox: [1, 2, 3, 4] })).toEqual({ boxes: [[1, 2, 3, 4]] });
  const around = await readOsmArea({ bbox: [179, 2, -179, 4] });
  expect(around).toEqual({
    boxes: expect.arrayContaining([
      [179, 2, 180, 4],
      [-180, 2, -179, 4],
    ]),
  });
  const [ring] = [
    [
      [-180, 0],
      [180, 1],
      [0, 2],
      [-180, 0],
    ],
  ];
  expect(await readOsmArea({ coverage: coverage(-180, 180, 0) })).toEqual({ polygons: [[ring]] });
  await expect(readOsmArea({ bbox: [1, 2, 3, 4], coverage: "x" })).rejects.toMatchObject({ code: "argument.invalid" });
});

test("polygons beyond the antimeridian are refused, as they would find nothing there", async () => {
  await expect(readOsmArea({ coverage: coverage(179, 181, 180) })).rejects.toMatchObject({
    code: "coverage.invalid",
    message: expect.stringContaining("got 181; cut the polygon at the antimeridian"),
  });
});
