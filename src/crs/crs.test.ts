import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeCrsCode } from "./code.ts";
import { findCrs, getCrs } from "./crs.ts";
import { WEB_MERCATOR_EXTENT_M, WEB_MERCATOR_MAX_LATITUDE } from "./crs_type.ts";

const mercator = getCrs("EPSG:3857");

describe("web mercator", () => {
  test("has the published numbers", () => {
    // EPSG guidance note 7-2 (373-7-2), example of method 1024: 24 deg 22' 54.433" N, 100 deg 20' 00.000" W.
    const [x, y] = mercator.fromLonLat(-(100 + 20 / 60), 24 + 22 / 60 + 54.433 / 3600);
    expect(x).toBeCloseTo(-11_169_055.58, 2);
    expect(y).toBeCloseTo(2_800_000, 2);
    expect(WEB_MERCATOR_EXTENT_M).toBeCloseTo(20_037_508.342789244, 8);
    expect(WEB_MERCATOR_MAX_LATITUDE).toBeCloseTo(85.051128779806589, 12);
    expect(mercator.fromLonLat(180, WEB_MERCATOR_MAX_LATITUDE)[1]).toBeCloseTo(WEB_MERCATOR_EXTENT_M, 6);
  });

  test("comes back to where it was, within a nanodegree", () => {
    const lat = fc.double({ min: -85.05, max: 85.05, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: -180, max: 180, noNaN: true }), lat, (lon, latitude) => {
        const back = mercator.toLonLat(...mercator.fromLonLat(lon, latitude));
        expect(Math.abs(back[0] - lon)).toBeLessThan(1e-9);
        expect(Math.abs(back[1] - latitude)).toBeLessThan(1e-9);
      }),
    );
  });

  test("clamps the poles to its square, and is finite there", () => {
    expect(mercator.fromLonLat(0, 90)).toEqual(mercator.fromLonLat(0, WEB_MERCATOR_MAX_LATITUDE));
    expect(mercator.fromLonLat(0, -90)[1]).toBeCloseTo(-WEB_MERCATOR_EXTENT_M, 6);
  });
});

describe("WGS 84", () => {
  test.each([
    ["EPSG:4326", "yx"],
    ["OGC:CRS84", "xy"],
  ])("as %s writes its axes %s and is longitude first here", (code, axisOrder) => {
    const crs = getCrs(code);
    expect(crs).toMatchObject({ code, axisOrder, unit: "degree" });
    expect(crs.fromLonLat(8, 47)).toEqual([8, 47]);
    expect(crs.toLonLat(8, 47)).toEqual([8, 47]);
    expect(crs.fromLonLat(8, 95)).toEqual([8, 90]);
    expect(crs.metresPerUnit).toBeCloseTo(111_319.490_793_273_57, 6);
  });
});

describe("codes", () => {
  test.each([
    ["EPSG:3857", "EPSG:3857"],
    [" epsg:3857 ", "EPSG:3857"],
    ["urn:ogc:def:crs:EPSG::3857", "EPSG:3857"],
    ["urn:ogc:def:crs:EPSG:6.18.3:3857", "EPSG:3857"],
    ["URN:OGC:DEF:CRS:EPSG::3857", "EPSG:3857"],
    ["urn:x-ogc:def:crs:EPSG:3857:3857", "EPSG:3857"],
    ["http://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"],
    ["https://www.opengis.net/def/crs/EPSG/0/3857", "EPSG:3857"],
    ["http://www.opengis.net/gml/srs/epsg.xml#3857", "EPSG:3857"],
    ["EPSG:900913", "EPSG:3857"],
    ["EPSG:102100", "EPSG:3857"],
    ["ESRI:102100", "EPSG:3857"],
    ["EPSG:3785", "EPSG:3857"],
    ["urn:ogc:def:crs:EPSG::4326", "EPSG:4326"],
    ["http://www.opengis.net/gml/srs/epsg.xml#4326", "EPSG:4326"],
    ["CRS:84", "OGC:CRS84"],
    ["OGC:CRS84", "OGC:CRS84"],
    ["urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"],
    ["urn:ogc:def:crs:OGC::CRS84", "OGC:CRS84"],
    ["urn:ogc:def:crs:OGC:2:84", "OGC:CRS84"],
    ["http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"],
    ["EPSG::3857", "EPSG:3857"],
    ["[EPSG:3857]", "EPSG:3857"],
  ])("%s is %s", (text, code) => {
    expect(normalizeCrsCode(text)).toBe(code);
    expect(findCrs(text)?.code).toBe(code);
  });

  test.each(["", "EPSG", "constructor", "__proto__", "urn:ogc:def:crs:EPSG::", "http://evil/def/crs/EPSG/0/3857"])(
    "'%s' is not known",
    (text) => {
      expect(findCrs(text)).toBeNull();
      expect(() => getCrs(text)).toThrowError(expect.objectContaining({ code: "crs.unknown" }));
    },
  );
});
