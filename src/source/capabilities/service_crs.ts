import { findCrs, type Crs } from "../../crs/index.ts";

/** Names of the French registry for systems that others have too; longitude stands first there. */
const IGNF_NAMES: Readonly<Record<string, string>> = { "IGNF:WGS84G": "OGC:CRS84" };

/**
 * The CRS that a service names: what `findCrs` reads, and the URNs of old servers whose version has a colon of its own
 * (`urn:ogc:def:crs:EPSG:6.18:3:3857`, as OGC 07-057r7 prints it in its examples). null when it is not known.
 */
export function findServiceCrs(text: string): Crs | null {
  const found = findCrs(text) ?? findCrs(IGNF_NAMES[text.trim().toUpperCase()] ?? "");
  if (found !== null) return found;
  const parts = /^urn:(?:x-)?ogc:def:crs:(\w+):.*:(\w+)$/i.exec(text.trim());
  return parts === null ? null : findCrs(`${parts[1]}:${parts[2]}`);
}
