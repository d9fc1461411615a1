import { listEpsg } from "./epsg_lookup.ts";
import { KNOWN_SYSTEMS } from "./known_systems.ts";

/** One line of a listing. */
export interface CrsName {
  readonly code: string;
  readonly name: string;
  readonly kind: "geographic" | "projected";
}

/** Every system that `getCrs` knows by a code, OGC:CRS84 first, then by EPSG code. */
export function listCrs(): CrsName[] {
  const listed = listEpsg();
  const codes = new Set(listed.map(({ code }) => code));
  const further = [...KNOWN_SYSTEMS.values()].filter(({ code }) => !codes.has(code));
  return [...further.map(({ code, name, kind }) => ({ code, name, kind })), ...listed];
}
