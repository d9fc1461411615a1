import { crsToWkt1, type Crs } from "../../crs/index.ts";
import type { Affine } from "../raster.ts";
import { KEY, USER_DEFINED } from "./geo_keys.ts";
import { METHODS } from "./projection_keys.ts";
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

/** The geokeys of a CRS: by its code of EPSG, else by parameters; a projection that has no number of its own is well-known text in a citation. */
export function crsFields(crs: Crs): WrittenField[] {
  const keys: GeoKey[] = [[KEY.rasterType, 1], [KEY.modelType, crs.kind === "projected" ? 1 : 2], ...keysOf(crs)];
  return packKeys(keys.toSorted(([one], [other]) => one - other));
}

type GeoKey = readonly [key: number, value: number | string | readonly number[]];

function keysOf(crs: Crs): GeoKey[] {
  const code = codeOf(crs.code);
  const name = ascii(crs.name);
  if (crs.kind === "projected") {
    if (code === null) return projectedKeys(crsToWkt1(crs), name);
    return [
      [KEY.projectedType, code],
      [KEY.citation, name],
    ];
  }
  if (code === null && crs.code !== "OGC:CRS84") return geographicKeys(crsToWkt1(crs));
  return [
    [KEY.geographicType, code ?? 4326],
    [KEY.geographicCitation, name],
  ];
}

const codeOf = (text: string): number | null => {
  const code = Number(/^EPSG:(\d{4,5})$/.exec(text)?.[1] ?? USER_DEFINED);
  return code < USER_DEFINED ? code : null;
};

function projectedKeys(wkt: string, name: string): GeoKey[] {
  const keys: GeoKey[] = [...geographicKeys(wkt), ...unitKeys(wkt)];
  const methodName = /PROJECTION\["([^"]+)"/.exec(wkt)?.[1];
  const [number, method] = Object.entries(METHODS).find(([, each]) => each.name === methodName) ?? [];
  if (method === undefined || wkt.includes("EXTENSION["))
    return [...keys, [KEY.projectedCitation, `ESRI PE String = ${ascii(wkt)}`]];
  const values = new Map(
    [...wkt.matchAll(/PARAMETER\["([^"]+)",([^\]]+)\]/g)].map(([, key, value]) => [key, Number(value)]),
  );
  const parameters = method.parameters.map(([key, word]): GeoKey => [
    key,
    [values.get(word) ?? (SCALES.has(key) ? 1 : 0)],
  ]);
  keys.push([KEY.projectedType, USER_DEFINED], [KEY.projection, USER_DEFINED], [KEY.projectionMethod, Number(number)]);
  return [...keys, ...parameters, [KEY.projectedCitation, name]];
}

/** Keys of scale factors, which are 1 unless said. */
const SCALES: ReadonlySet<number> = new Set([3092, 3093]);

function unitKeys(wkt: string): GeoKey[] {
  const metres = Number(/.*UNIT\["[^"]*",([\d.eE+-]+)/s.exec(wkt)?.[1] ?? 1);
  if (metres === 1) return [[KEY.linearUnit, 9001]];
  return [
    [KEY.linearUnit, USER_DEFINED],
    [KEY.linearUnitSize, [metres]],
  ];
}

/** Of the geographic system in the text: by its code, or by its figure and shift to WGS 84. */
function geographicKeys(wkt: string): GeoKey[] {
  const text = /GEOGCS\[.*?UNIT\[[^\]]*\](?:,AXIS\[[^\]]*\])*(?:,AUTHORITY\["EPSG","\d+"\])?/s.exec(wkt)?.[0] ?? wkt;
  const code = Number(/AUTHORITY\["EPSG","(\d+)"\]$/.exec(text)?.[1] ?? USER_DEFINED);
  if (code < USER_DEFINED) return [[KEY.geographicType, code]];
  const [, a = "6378137", rf = "0"] = /SPHEROID\["[^"]*",([\d.eE+-]+),([\d.eE+-]+)/.exec(text) ?? [];
  const shift = /TOWGS84\[([^\]]+)\]/.exec(text)?.[1]?.split(",").map(Number);
  const meridian = Number(/PRIMEM\["[^"]*",([\d.eE+-]+)/.exec(text)?.[1] ?? 0);
  const keys: GeoKey[] = [
    [KEY.geographicType, USER_DEFINED],
    [KEY.geographicCitation, ascii(/GEOGCS\["([^"]*)"/.exec(text)?.[1] ?? "unnamed")],
    [KEY.geodeticDatum, USER_DEFINED],
    [KEY.angularUnit, 9102],
    [KEY.ellipsoid, USER_DEFINED],
    [KEY.semiMajorAxis, [Number(a)]],
    Number(rf) === 0 ? [KEY.semiMinorAxis, [Number(a)]] : [KEY.inverseFlattening, [Number(rf)]],
  ];
  if (meridian !== 0) keys.push([KEY.primeMeridian, USER_DEFINED], [KEY.primeMeridianLongitude, [meridian]]);
  return shift === undefined ? keys : [...keys, [KEY.toWgs84, shift]];
}

const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7b\x7d\x7e]/g, "?");

function packKeys(keys: readonly GeoKey[]): WrittenField[] {
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
