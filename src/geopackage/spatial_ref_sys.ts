import { TilthError } from "../core/index.ts";
import { crsToWkt1, findCrs, type Crs } from "../crs/index.ts";
import type { SqliteRow } from "./sqlite_message.ts";

/** A row of gpkg_spatial_ref_sys. */
export interface SrsRow {
  srsName: string;
  srsId: number;
  organization: string;
  organizationCoordsysId: number;
  /** OGC 01-009 well-known text. */
  definition: string;
  description: string;
}

const WGS84_WKT =
  'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],' +
  'PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],' +
  'AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]';

const PSEUDO_MERCATOR_WKT =
  'PROJCS["WGS 84 / Pseudo-Mercator",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],' +
  'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],' +
  'AUTHORITY["EPSG","4326"]],PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],PARAMETER["scale_factor",1],' +
  'PARAMETER["false_easting",0],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],' +
  'AXIS["Northing",NORTH],EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m ' +
  '+nadgrids=@null +wktext +no_defs"],AUTHORITY["EPSG","3857"]]';

/** The three rows that every GeoPackage must have (requirement 11). */
export const REQUIRED_SRS_ROWS: readonly SrsRow[] = [
  {
    srsName: "Undefined cartesian SRS",
    srsId: -1,
    organization: "NONE",
    organizationCoordsysId: -1,
    definition: "undefined",
    description: "undefined cartesian coordinate reference system",
  },
  {
    srsName: "Undefined geographic SRS",
    srsId: 0,
    organization: "NONE",
    organizationCoordsysId: 0,
    definition: "undefined",
    description: "undefined geographic coordinate reference system",
  },
  {
    srsName: "WGS 84 geodetic",
    srsId: 4326,
    organization: "EPSG",
    organizationCoordsysId: 4326,
    definition: WGS84_WKT,
    description: "longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid",
  },
];

const FURTHER_SRS_ROWS: readonly SrsRow[] = [
  {
    srsName: "WGS 84 / Pseudo-Mercator",
    srsId: 3857,
    organization: "EPSG",
    organizationCoordsysId: 3857,
    definition: PSEUDO_MERCATOR_WKT,
    description: "web mercator, metres",
  },
];

/** CRS84 and EPSG:4326 are one in a GeoPackage, where x is the longitude by rule. */
export function srsIdOf(crs: Crs): number {
  return crs.code === "OGC:CRS84" ? 4326 : Number(/^EPSG:(\d+)$/.exec(crs.code)?.[1] ?? Number.NaN);
}

/** @throws `crs.unknown` for a system without an EPSG code, `crs.unsupported` for one that has no well-known text */
export function srsRow(crs: Crs): SrsRow {
  const srsId = srsIdOf(crs);
  const row = [...REQUIRED_SRS_ROWS, ...FURTHER_SRS_ROWS].find((known) => known.srsId === srsId);
  if (row !== undefined) return row;
  if (Number.isNaN(srsId)) {
    const message = `expected a coordinate system with an EPSG code for a GeoPackage, got ${crs.code}`;
    throw new TilthError("crs.unknown", message, { fields: { crs: crs.code } });
  }
  return {
    srsName: crs.name,
    srsId,
    organization: "EPSG",
    organizationCoordsysId: srsId,
    definition: crsToWkt1(crs),
    description: "",
  };
}

/**
 * The system of a row that any program wrote; x first, as a GeoPackage has it. Null when it is not one of ours.
 * Needs the columns `srs_id`, `organization` and `organization_coordsys_id`.
 */
export function crsOfSrs(row: SqliteRow): Crs | null {
  const code = `${String(row["organization"])}:${String(row["organization_coordsys_id"])}`;
  const crs = findCrs(code) ?? findCrs(`EPSG:${String(row["srs_id"])}`);
  return crs?.code === "EPSG:4326" ? findCrs("OGC:CRS84") : crs;
}
