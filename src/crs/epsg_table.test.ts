import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeEpsgTable, readEpsgIndex } from "../../scripts/make_epsg_table.ts";
import { getCrs } from "./crs.ts";
import { listCrs } from "./list_crs.ts";

describe("the table", () => {
  test("is what the script makes of the installed epsg-index", () => {
    const committed = readFileSync(new URL("./epsg_table.ts", import.meta.url), "utf8");
    expect(makeEpsgTable(readEpsgIndex()) === committed).toBe(true);
  });

  test("lists every system once, by code", () => {
    const listed = listCrs();
    expect(listed.length).toBeGreaterThan(5600);
    expect(new Set(listed.map(({ code }) => code)).size).toBe(listed.length);
    expect(listed).toContainEqual({ code: "EPSG:2056", name: "CH1903+ / LV95", kind: "projected" });
    expect(listed[0]?.code).toBe("OGC:CRS84");
  });
});

/** From the EPSG dataset 10.076. */
const FACTS: readonly [code: string, name: string, axisOrder: string, unit: string, metresPerUnit: number][] = [
  ["EPSG:25832", "ETRS89 / UTM zone 32N", "xy", "metre", 1],
  ["EPSG:3035", "ETRS89-extended / LAEA Europe", "yx", "metre", 1],
  ["EPSG:2193", "NZGD2000 / New Zealand Transverse Mercator 2000", "yx", "metre", 1],
  ["EPSG:31467", "DHDN / 3-degree Gauss-Kruger zone 3", "yx", "metre", 1],
  ["EPSG:3031", "WGS 84 / Antarctic Polar Stereographic", "xy", "metre", 1],
  ["EPSG:32661", "WGS 84 / UPS North (N,E)", "yx", "metre", 1],
  ["EPSG:2229", "NAD83 / California zone 5 (ftUS)", "xy", "US survey foot", 1200 / 3937],
  ["EPSG:2222", "NAD83 / Arizona East (ft)", "xy", "foot", 0.3048],
  ["EPSG:2066", "Mount Dillon / Tobago Grid", "xy", "Clarke's link", 0.201166195164],
  ["EPSG:24370", "Kalianpur 1880 / India zone 0", "xy", "Indian yard", 0.914398530744441],
  ["EPSG:3167", "Kertau (RSO) / RSO Malaya (ch)", "xy", "British chain (Sears 1922 truncated)", 20.116756],
  ["EPSG:4258", "ETRS89", "yx", "degree", 111_319.490_793_273_57],
  ["EPSG:4807", "NTF (Paris)", "yx", "grad", 100_187.541_713_946_2],
];

test.each(FACTS)("%s is %s", (code, name, axisOrder, unit, metresPerUnit) => {
  const crs = getCrs(code);
  expect(crs).toMatchObject({ code, name, axisOrder, unit, definition: code });
  expect(crs.metresPerUnit).toBeCloseTo(metresPerUnit, 9);
});

test("areas of use go over the antimeridian with west greater than east", () => {
  const [west, , east] = getCrs("EPSG:3832").areaOfUse;
  expect(west).toBeGreaterThan(east);
});
