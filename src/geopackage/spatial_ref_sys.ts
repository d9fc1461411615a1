import { TilthError } from "../core/index.ts";
import { crsToWkt1, findCrs, type Crs } from "../crs/index.ts";
import type { SqliteRow } from "./sqlite_message.ts";
import { FURTHER_SRS_ROWS, REQUIRED_SRS_ROWS, type SrsRow } from "./srs_rows.ts";

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
