import { TilthError } from "../core/index.ts";
import { normalizeCrsCode } from "./code.ts";
import { createCrs } from "./create_crs.ts";
import type { Crs } from "./crs_type.ts";
import { definitionFromText, isDefinition } from "./definition_from_text.ts";
import { findEpsg } from "./epsg_lookup.ts";
import { KNOWN_SYSTEMS } from "./known_systems.ts";

/** Systems that were asked for, the latest last. A job uses a handful; 256 of them are about 1 MB. */
const CACHE_SIZE = 256;
const cache = new Map<string, Crs>();

/**
 * The system of that code, in any usual spelling, or of that definition: well-known text (OGC 01-009, ESRI, ISO 19162), PROJJSON or a proj string of at
 * most 64 kB. null when a code is not known.
 * @throws `crs.invalid` when a definition cannot be read, `crs.unsupported` when what it says cannot be computed
 */
export function findCrs(text: string): Crs | null {
  const code = text.length > MAX_CODE_LENGTH ? text : normalizeCrsCode(text);
  const key = isDefinition(code) ? text : code;
  const known = KNOWN_SYSTEMS.get(key) ?? cache.get(key);
  if (known !== undefined) return known;
  const made = key === text && isDefinition(text) ? fromText(text) : fromCode(code);
  if (made !== null) remember(key, made);
  return made;
}

/** Longest spelling of a code that is looked at. */
const MAX_CODE_LENGTH = 200;

function fromCode(code: string): Crs | null {
  const number = /^EPSG:(\d{4,5})$/.exec(code)?.[1];
  const definition = number === undefined ? null : findEpsg(Number(number));
  return definition === null ? null : createCrs(definition, code);
}

function fromText(text: string): Crs | null {
  const definition = definitionFromText(text);
  return typeof definition === "string" ? findCrs(definition) : createCrs(definition, text);
}

function remember(code: string, crs: Crs): void {
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value as string);
  cache.set(code, crs);
}

/** As `findCrs`. @throws `crs.unknown` for a code that is not known, `crs.invalid`, `crs.unsupported` */
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
