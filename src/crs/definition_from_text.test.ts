import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCrs, getCrs } from "./crs.ts";
import { crsToWkt1 } from "./crs_to_wkt1.ts";
import { createTransform } from "./transform.ts";

const BASE_ETRS89 =
  'GEOGCRS["ETRS89",DATUM["European Terrestrial Reference System 1989",ELLIPSOID["GRS 1980",6378137,298.257222101,LENGTHUNIT["metre",1]]],' +
  'PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]]';
const DEGREE = 'ANGLEUNIT["degree",0.0174532925199433]';
const METRE = 'LENGTHUNIT["metre",1]';

const UTM32_CONVERSION =
  `CONVERSION["UTM zone 32N",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0,${DEGREE}],` +
  `PARAMETER["Longitude of natural origin",9,${DEGREE}],PARAMETER["Scale factor at natural origin",0.9996,SCALEUNIT["unity",1]],` +
  `PARAMETER["False easting",500000,${METRE}],PARAMETER["False northing",0,${METRE}]],CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],${METRE}`;

const UTM32_WKT2 = `PROJCRS["ETRS89 / UTM zone 32N",BASE${BASE_ETRS89},${UTM32_CONVERSION},ID["EPSG",25832]]`;

const UTM32_ESRI =
  'PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],' +
  'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],' +
  'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],' +
  'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]';

const UTM32_PROJJSON = JSON.stringify({
  type: "ProjectedCRS",
  name: "ETRS89 / UTM zone 32N",
  base_crs: {
    name: "ETRS89",
    datum: {
      name: "European Terrestrial Reference System 1989",
      ellipsoid: { name: "GRS 1980", semi_major_axis: 6378137, inverse_flattening: 298.257222101 },
    },
  },
  conversion: {
    name: "UTM zone 32N",
    method: { name: "Transverse Mercator" },
    parameters: [
      { name: "Latitude of natural origin", value: 0, unit: "degree" },
      { name: "Longitude of natural origin", value: 9, unit: "degree" },
      { name: "Scale factor at natural origin", value: 0.9996, unit: "unity" },
      { name: "False easting", value: 500000, unit: "metre" },
      { name: "False northing", value: 0, unit: "metre" },
    ],
  },
  coordinate_system: {
    axis: [
      { name: "Easting", direction: "east", unit: "metre" },
      { name: "Northing", direction: "north", unit: "metre" },
    ],
  },
  id: { authority: "EPSG", code: 25832 },
});

/** PROJ 9.1.1: echo 52 9.5 | cs2cs -f %.4f EPSG:4258 EPSG:25832 */
const UTM32_IMAGE = [534_325.1675, 5_761_156.2356];

function imageOf(text: string, lon: number, lat: number): number[] {
  const coords = Float64Array.of(lon, lat);
  createTransform(getCrs("EPSG:4258"), getCrs(text)).apply(coords);
  return [...coords];
}

describe("a definition", () => {
  test.each([
    ["ISO 19162", UTM32_WKT2],
    ["PROJJSON", UTM32_PROJJSON],
    ["OGC 01-009", crsToWkt1(getCrs("EPSG:25832"))],
    ["+init", "+init=epsg:25832"],
    ["a URN", "urn:ogc:def:crs:EPSG::25832"],
  ])("as %s that names a code and agrees with it is that code", (_form, text) => {
    expect(getCrs(text).code).toBe("EPSG:25832");
  });

  test.each([
    ["ESRI", UTM32_ESRI],
    ["a proj string", "+proj=utm +zone=32 +ellps=GRS80 +towgs84=0,0,0,0,0,0,0 +units=m +no_defs"],
    ["ISO 19162 without id", UTM32_WKT2.replace(',ID["EPSG",25832]', "")],
  ])("as %s without a code has the same coordinates and its text as definition", (_form, text) => {
    const crs = getCrs(text);
    expect(crs.code).toMatch(/^CUSTOM:[a-z0-9-]+-[0-9a-f]{8}$/);
    expect(crs.definition).toBe(text);
    expect(getCrs(crs.definition)).toBe(crs);
    const [x, y] = imageOf(text, 9.5, 52);
    expect(x).toBeCloseTo(UTM32_IMAGE[0] as number, 3);
    expect(y).toBeCloseTo(UTM32_IMAGE[1] as number, 3);
  });

  test("that names a code and does not agree with it is not that code", () => {
    const shifted = UTM32_WKT2.replace("500000", "500001");
    expect(getCrs(shifted).code).toMatch(/^CUSTOM:/);
    expect(imageOf(shifted, 9.5, 52)[0]).toBeCloseTo((UTM32_IMAGE[0] as number) + 1, 3);
  });

  test("may be bound to WGS 84 by a coordinate frame rotation", () => {
    const transformation = (method: string, sign: 1 | -1): string =>
      `BOUNDCRS[SOURCECRS[${BASE_ETRS89}],TARGETCRS[${BASE_ETRS89}],ABRIDGEDTRANSFORMATION["shift",METHOD["${method}"],` +
      [598.1, 73.7, 418.2, 0.202 * sign, 0.045 * sign, -2.455 * sign, 1.0000067]
        .map((value, i) => `PARAMETER["p${i}",${value}]`)
        .join(",") +
      "]]";
    const frame = getCrs(transformation("Coordinate Frame rotation (geog2D domain)", -1));
    const vector = getCrs(transformation("Position Vector transformation (geog2D domain)", 1));
    expect(frame.toLonLat(9.5, 52)).toEqual(vector.toLonLat(9.5, 52));
    expect(frame.toLonLat(9.5, 52)).not.toEqual([9.5, 52]);
  });

  test.each([
    [
      "GDAL's proj string",
      "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs",
    ],
    ["GDAL's well-known text", crsToWkt1(getCrs("EPSG:3857"))],
    [
      "ESRI's well-known text",
      'PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],' +
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],' +
        'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],' +
        'PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]',
    ],
  ])("of web mercator by %s is EPSG:3857", (_form, text) => {
    expect(getCrs(text).code).toBe("EPSG:3857");
  });
});

describe("a text that cannot be used", () => {
  test.each([
    ["an open bracket", 'PROJCS["a"', "crs.invalid"],
    ["a bracket too many", 'GEOGCS["a"]]', "crs.invalid"],
    ["no datum", 'GEOGCS["a"]', "crs.invalid"],
    ["a number that is none", UTM32_ESRI.replace("0.9996", "0.9.9.9"), "crs.invalid"],
    ["JSON that is none", "{,", "crs.invalid"],
    ["JSON of something else", '{"type":"Feature"}', "crs.unsupported"],
    ["deep nesting", "GEOGCS[".repeat(1000), "crs.invalid"],
    ["deep nesting of JSON", `${'{"base_crs":'.repeat(1000)}1${"}".repeat(1000)}`, "crs.invalid"],
    ["70,000 characters", `GEOGCS["${"a".repeat(70_000)}"]`, "crs.invalid"],
    ["an unknown projection", UTM32_ESRI.replace("Transverse_Mercator", "Fuller"), "crs.unsupported"],
    ["an unknown parameter", UTM32_ESRI.replace("Scale_Factor", "Fudge_Factor"), "crs.unsupported"],
    ["a vertical system", 'VERTCRS["height",VDATUM["sea"]]', "crs.unsupported"],
    ["a proj string without projection", "+lat_0=5", "crs.invalid"],
    ["a projection that is not exact", "+proj=robin", "crs.unsupported"],
    ["a pipeline", "+proj=pipeline +step +proj=utm", "crs.unsupported"],
    ["zone 99", "+proj=utm +zone=99", "crs.invalid"],
    ["axes up and down", "+proj=utm +zone=32 +axis=uen", "crs.unsupported"],
    ["an ellipsoid of 1 m", "+proj=utm +zone=32 +a=1 +b=1", "crs.unsupported"],
    ["a cone without opening", "+proj=lcc +lat_1=45 +lat_2=-45", "crs.unsupported"],
  ])("%s is told by its code", (_what, text, code) => {
    expect(() => findCrs(text)).toThrowError(expect.objectContaining({ code }));
  });

  test("never crashes otherwise: cut, doubled and scrambled texts", () => {
    const texts = [
      UTM32_WKT2,
      UTM32_ESRI,
      UTM32_PROJJSON,
      "+proj=omerc +lat_0=4 +lonc=102 +alpha=323 +k=0.99984 +ellps=evrst69",
    ];
    const change = fc.record({
      text: fc.constantFrom(...texts),
      from: fc.nat(900),
      length: fc.nat(40),
      put: fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("[", "]", '"', "-", "e999", "NaN", ",", "{}")),
    });
    fc.assert(
      fc.property(change, ({ text, from, length, put }) => {
        const changed = text.slice(0, from) + put + text.slice(from + length);
        try {
          findCrs(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^crs\.(invalid|unsupported)$/) });
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("on an unknown datum has no lon/lat rather than a guess", () => {
    const crs = getCrs("+proj=utm +zone=32 +ellps=intl");
    expect(crs.accuracyM).toBeNull();
    expect(() => crs.toLonLat(500_000, 5_000_000)).toThrowError(expect.objectContaining({ code: "crs.unsupported" }));
  });
});
