import { TilthError } from "../../core/index.ts";
import { crsToWkt1, findCrs } from "../../crs/index.ts";
import { KEY, USER_DEFINED, type GeoKeys } from "./geo_keys.ts";

export interface LinearUnit {
  readonly name: string;
  readonly metres: number;
}

/** Units by their EPSG codes, in metres. */
const LINEAR: Readonly<Record<number, LinearUnit>> = {
  9001: { name: "metre", metres: 1 },
  9002: { name: "foot", metres: 0.3048 },
  9003: { name: "US survey foot", metres: 1200 / 3937 },
  9005: { name: "Clarke's foot", metres: 0.3047972654 },
  9014: { name: "fathom", metres: 1.8288 },
  9030: { name: "nautical mile", metres: 1852 },
  9036: { name: "kilometre", metres: 1000 },
  9084: { name: "Indian foot", metres: 0.30479951024814694 },
};

/** In radians. */
const ANGULAR: Readonly<Record<number, readonly [name: string, radians: number]>> = {
  9101: ["radian", 1],
  9102: ["degree", Math.PI / 180],
  9105: ["grad", Math.PI / 200],
  9122: ["degree", Math.PI / 180],
};

/** Ellipsoids by their EPSG codes: semi-major axis in metres, inverse flattening. */
const ELLIPSOIDS: Readonly<Record<number, readonly [name: string, a: number, rf: number]>> = {
  7001: ["Airy 1830", 6377563.396, 299.3249646],
  7004: ["Bessel 1841", 6377397.155, 299.1528128],
  7008: ["Clarke 1866", 6378206.4, 294.978698213898],
  7012: ["Clarke 1880 (RGS)", 6378249.145, 293.465],
  7019: ["GRS 1980", 6378137, 298.257222101],
  7022: ["International 1924", 6378388, 297],
  7024: ["Krassowsky 1940", 6378245, 298.3],
  7030: ["WGS 84", 6378137, 298.257223563],
  7043: ["WGS 72", 6378135, 298.26],
  7058: ["Hughes 1980", 6378273, 298.279411123064],
};

/** @throws `crs.unsupported` for a unit that is not known */
export function linearUnit(keys: GeoKeys): LinearUnit {
  const code = keys.findNumber(KEY.linearUnit) ?? 9001;
  const size = keys.findNumber(KEY.linearUnitSize);
  const unit = LINEAR[code] ?? (size !== null && size > 0 ? { name: "unnamed", metres: size } : undefined);
  if (unit === undefined) throw new TilthError("crs.unsupported", `the linear unit EPSG:${code} is not known here`);
  return unit;
}

/** OGC 01-009 text of the geographic system that the keys name or describe. @throws `crs.unsupported` */
export function geographicWkt(keys: GeoKeys): string {
  const known = knownGeographic(keys);
  if (known !== null) return known;
  const [name, a, rf] = ellipsoid(keys);
  const shift = keys.findNumbers(KEY.toWgs84);
  const toWgs84 =
    shift === null || (shift.length !== 3 && shift.length !== 7)
      ? ""
      : `,TOWGS84[${[...shift, 0, 0, 0, 0].slice(0, 7).join(",")}]`;
  const [unit, radians] = angularUnit(keys);
  const meridian = keys.findNumber(KEY.primeMeridianLongitude) ?? 0;
  const datum = `DATUM["unknown",SPHEROID["${name}",${a},${rf}]${toWgs84}]`;
  return `GEOGCS["${citedName(keys)}",${datum},PRIMEM["unnamed",${meridian}],UNIT["${unit}",${radians}]]`;
}

/** Of a code of EPSG, for the system or its datum (whose codes are 2000 above those of their systems), in degrees and without a shift of the file's own. */
function knownGeographic(keys: GeoKeys): string | null {
  const system = keys.findNumber(KEY.geographicType) ?? USER_DEFINED;
  const datum = keys.findNumber(KEY.geodeticDatum) ?? USER_DEFINED;
  const code = system < USER_DEFINED && system > 0 ? system : datum < USER_DEFINED ? datum - 2000 : null;
  if (code === null || keys.findNumber(KEY.toWgs84) !== null) return null;
  const crs = code > 0 ? findCrs(`EPSG:${code}`) : null;
  if (crs !== null && crs.kind === "geographic") return crsToWkt1(crs);
  if (system < USER_DEFINED && system > 0)
    throw new TilthError("crs.unsupported", `the geographic system EPSG:${system} is not known here`);
  return null;
}

function ellipsoid(keys: GeoKeys): readonly [name: string, a: number, rf: number] {
  const known = ELLIPSOIDS[keys.findNumber(KEY.ellipsoid) ?? 0];
  const a = keys.findNumber(KEY.semiMajorAxis);
  if (a === null) {
    if (known !== undefined) return known;
    throw new TilthError(
      "crs.unsupported",
      "the geokeys say neither a geographic system nor an ellipsoid that is known",
    );
  }
  const b = keys.findNumber(KEY.semiMinorAxis);
  const flattening = keys.findNumber(KEY.inverseFlattening);
  if (flattening !== null) return ["unnamed", a, flattening];
  return ["unnamed", a, b === null || b === a ? 0 : a / (a - b)];
}

function angularUnit(keys: GeoKeys): readonly [name: string, radians: number] {
  const code = keys.findNumber(KEY.angularUnit) ?? 9102;
  const size = keys.findNumber(KEY.angularUnitSize);
  const unit = ANGULAR[code] ?? (size !== null && size > 0 ? (["unnamed", size] as const) : undefined);
  if (unit === undefined) throw new TilthError("crs.unsupported", `the angular unit EPSG:${code} is not known here`);
  return unit;
}

function citedName(keys: GeoKeys): string {
  const name = keys
    .text(KEY.geographicCitation)
    .replace(/\|.*/s, "")
    .replace(/^GCS Name = /, "");
  return name.replaceAll(/["[\]]/g, " ").slice(0, 120) || "unnamed";
}
