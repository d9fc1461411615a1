import type { Unit } from "./definition.ts";

/** Yards of Sears 1922: 39.370147 inches make a metre (EPSG units 9040 to 9043). */
const SEARS_INCH = 1 / 39.370147;

/** Exact metres for one unit by EPSG's name (EPSG table "Unit of Measure"). */
const LINEAR: Readonly<Record<string, number>> = {
  metre: 1,
  kilometre: 1000,
  foot: 0.3048,
  "US survey foot": 1200 / 3937,
  "German legal metre": 1.0000135965,
  "Clarke's foot": 0.3047972654,
  "Clarke's yard": 0.9143917962,
  "Clarke's link": 0.201166195164,
  "Gold Coast foot": 6_378_300 / 20_926_201,
  "Indian yard": 36 / 39.370142,
  link: 0.201168,
  "British foot (Sears 1922)": 12 * SEARS_INCH,
  "British yard (Sears 1922)": 36 * SEARS_INCH,
  "British chain (Sears 1922)": 792 * SEARS_INCH,
  "British chain (Sears 1922 truncated)": 20.116756,
};

/** Degrees for one unit. */
const ANGULAR: Readonly<Record<string, number>> = { degree: 1, grad: 0.9 };

/** The unit of that name, null when it is none of EPSG's for maps. */
export function findUnit(name: string): Unit | null {
  const size = Object.hasOwn(LINEAR, name) ? LINEAR[name] : Object.hasOwn(ANGULAR, name) ? ANGULAR[name] : undefined;
  return size === undefined ? null : { name, size };
}

/** The linear unit of that size within 2e-10 of it, null when it is none of EPSG's: texts round to 9 to 15 digits. */
export function findUnitBySize(size: number): Unit | null {
  const name = Object.keys(LINEAR).find((key) => Math.abs((LINEAR[key] as number) - size) < 2e-10 * size);
  return name === undefined ? null : findUnit(name);
}
