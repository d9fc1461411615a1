import { TilthError } from "../core/index.ts";
import { normalizeCrsCode } from "./code.ts";
import { createCrs } from "./create_crs.ts";
import type { Crs } from "./crs_type.ts";
import { findEpsg } from "./epsg_lookup.ts";
import { KNOWN_SYSTEMS } from "./known_systems.ts";

/** Systems that were asked for, the latest last. A job uses a handful; 256 of them are about 1 MB. */
const CACHE_SIZE = 256;
const cache = new Map<string, Crs>();

/** The system of that code, in any usual spelling; null when it is not known. */
export function findCrs(text: string): Crs | null {
  const code = normalizeCrsCode(text);
  const known = KNOWN_SYSTEMS.get(code) ?? cache.get(code);
  if (known !== undefined) return known;
  const made = makeCrs(code);
  if (made !== null) remember(code, made);
  return made;
}

function makeCrs(code: string): Crs | null {
  const number = /^EPSG:(\d{4,5})$/.exec(code)?.[1];
  const definition = number === undefined ? null : findEpsg(Number(number));
  return definition === null ? null : createCrs(definition, code);
}

function remember(code: string, crs: Crs): void {
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value as string);
  cache.set(code, crs);
}

/** @throws `crs.unknown` */
export function getCrs(text: string): Crs {
  const crs = findCrs(text);
  if (crs !== null) return crs;
  throw new TilthError(
    "crs.unknown",
    `expected a projected or geographic 2D system of EPSG, or OGC:CRS84, got '${text.slice(0, 80)}'`,
    {
      fields: { crs: text.slice(0, 80) },
    },
  );
}
