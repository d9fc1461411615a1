import { crsToWkt1, type Crs } from "../../crs/index.ts";
import type { Affine } from "../raster.ts";
import { KEY, USER_DEFINED } from "./geo_keys.ts";
import { FIELD, TAG } from "./tiff_tags.ts";
import type { WrittenField } from "./write_directory.ts";

/** Fields of the place: a tie point and a pixel size where the image is north up, else a transformation. */
export function placeFields([a, b, c, d, e, f]: Affine): WrittenField[] {
  if (b === 0 && d === 0 && a > 0 && e < 0) {
    return [
      { tag: TAG.modelPixelScale, type: FIELD.double, values: [a, -e, 0] },
      { tag: TAG.modelTiepoint, type: FIELD.double, values: [0, 0, 0, c, f, 0] },
    ];
  }
  return [
    { tag: TAG.modelTransformation, type: FIELD.double, values: [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1] },
  ];
}

/** The geokeys of a CRS: by its code of EPSG; else as well-known text in a citation, which GDAL and ESRI read, a geographic one by its figure. */
export function crsFields(crs: Crs | null): WrittenField[] {
  const keys: [key: number, value: number | string | number[]][] = [[KEY.rasterType, 1]];
  if (crs !== null) keys.push([KEY.modelType, crs.kind === "projected" ? 1 : 2], ...codeKeys(crs));
  return packKeys(keys.toSorted(([one], [other]) => one - other));
}

function codeKeys(crs: Crs): [number, number | string | number[]][] {
  const code = Number(/^EPSG:(\d{4,5})$/.exec(crs.code)?.[1] ?? USER_DEFINED);
  const isCoded = code < USER_DEFINED;
  if (crs.kind === "projected") {
    if (isCoded)
      return [
        [KEY.projectedType, code],
        [KEY.citation, ascii(crs.name)],
      ];
    return [
      [KEY.projectedType, USER_DEFINED],
      [KEY.projectedCitation, `ESRI PE String = ${ascii(crsToWkt1(crs))}`],
    ];
  }
  if (isCoded || crs.code === "OGC:CRS84")
    return [
      [KEY.geographicType, isCoded ? code : 4326],
      [KEY.geographicCitation, ascii(crs.name)],
    ];
  const wkt = crsToWkt1(crs);
  const [, a = "6378137", rf = "0"] = /SPHEROID\["[^"]*",([\d.eE+-]+),([\d.eE+-]+)/.exec(wkt) ?? [];
  const shift = /TOWGS84\[([^\]]+)\]/.exec(wkt)?.[1]?.split(",").map(Number);
  const keys: [number, number | string | number[]][] = [
    [KEY.geographicType, USER_DEFINED],
    [KEY.geographicCitation, ascii(crs.name)],
    [KEY.geodeticDatum, USER_DEFINED],
    [KEY.angularUnit, 9102],
    [KEY.ellipsoid, USER_DEFINED],
    [KEY.semiMajorAxis, [Number(a)]],
    Number(rf) === 0 ? [KEY.semiMinorAxis, [Number(a)]] : [KEY.inverseFlattening, [Number(rf)]],
  ];
  return shift === undefined ? keys : [...keys, [KEY.toWgs84, shift]];
}

const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7b\x7d\x7e]/g, "?");

function packKeys(keys: readonly (readonly [number, number | string | number[]])[]): WrittenField[] {
  const directory = [1, 1, 0, keys.length];
  const doubles: number[] = [];
  let text = "";
  for (const [key, value] of keys) {
    if (typeof value === "number") directory.push(key, 0, 1, value);
    else if (typeof value === "string") {
      directory.push(key, TAG.geoAsciiParams, value.length + 1, text.length);
      text += `${value}|`;
    } else {
      directory.push(key, TAG.geoDoubleParams, value.length, doubles.length);
      doubles.push(...value);
    }
  }
  const fields: WrittenField[] = [{ tag: TAG.geoKeyDirectory, type: FIELD.short, values: directory }];
  if (doubles.length > 0) fields.push({ tag: TAG.geoDoubleParams, type: FIELD.double, values: doubles });
  if (text !== "") fields.push({ tag: TAG.geoAsciiParams, type: FIELD.ascii, values: text });
  return fields;
}
