import { describe, expect, test } from "vitest";
import { getCrs, findCrs } from "./crs.ts";
import { crsToWkt1 } from "./crs_to_wkt1.ts";
import { listCrs } from "./list_crs.ts";

describe("crsToWkt1", () => {
  test("writes what GDAL writes, but for the ids of parts", () => {
    // GDAL 3.6.2: gdalsrsinfo -o wkt1 --single-line EPSG:2193, AUTHORITY of DATUM, SPHEROID, PRIMEM and UNIT taken out.
    expect(crsToWkt1(getCrs("EPSG:2193"))).toBe(
      'PROJCS["NZGD2000 / New Zealand Transverse Mercator 2000",GEOGCS["NZGD2000",DATUM["New_Zealand_Geodetic_Datum_2000",' +
        'SPHEROID["GRS 1980",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4167"]],' +
        'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",173],' +
        'PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",1600000],PARAMETER["false_northing",10000000],' +
        'UNIT["metre",1],AXIS["Northing",NORTH],AXIS["Easting",EAST],AUTHORITY["EPSG","2193"]]',
    );
  });

  test.each([
    ["EPSG:2229", "feet", 'PARAMETER["false_easting",6561666.667]'],
    ["EPSG:27572", "grads", 'PARAMETER["latitude_of_origin",52]'],
    ["EPSG:2056", "the Swiss form", 'PROJECTION["Hotine_Oblique_Mercator_Azimuth_Center"]'],
    ["EPSG:3031", "the standard parallel of a pole", 'PARAMETER["latitude_of_origin",-71]'],
    ["EPSG:2048", "axes to the west and south", 'AXIS["Westing",WEST],AXIS["Southing",SOUTH]'],
    ["EPSG:8857", "EPSG's names where there is no other", 'PROJECTION["Equal_Earth"]'],
    ["EPSG:3857", "the sphere of web mercator", "+nadgrids=@null"],
    ["OGC:CRS84", "longitude first", 'AXIS["Longitude",EAST],AXIS["Latitude",NORTH]]'],
    ["EPSG:4326", "latitude first", 'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'],
    [
      "+proj=lcc +lat_1=45 +lat_2=55 +lon_0=5 +ellps=bessel +towgs84=1,2,3",
      "a datum of its own",
      "TOWGS84[1,2,3,0,0,0,0]",
    ],
  ])("%s has %s", (code, _what, part) => {
    expect(crsToWkt1(getCrs(code))).toContain(part);
  });

  test("is read back as the same code, for every system with a name in well-known text", () => {
    const lost: string[] = [];
    for (const { code } of listCrs()) {
      if (code === "OGC:CRS84") continue;
      const text = crsToWkt1(getCrs(code));
      if (!text.includes("custom_proj4") && findCrs(text)?.code !== code) lost.push(code);
    }
    expect(lost).toEqual([]);
  });
});
