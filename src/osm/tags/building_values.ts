/** Numbers of buildings, by column: what a 3D tool needs, in metres and levels. Texts (roof:shape, colours, materials) stay tags. */
export const BUILDING_COLUMNS = [
  {
    name: "height_m",
    key: "height",
    read: parseLengthM,
    description: "height above the ground to the top of the roof, metres",
  },
  {
    name: "min_height_m",
    key: "min_height",
    read: parseLengthM,
    description: "height above the ground at which it begins, metres",
  },
  { name: "roof_height_m", key: "roof:height", read: parseLengthM, description: "height of the roof, metres" },
  {
    name: "levels",
    key: "building:levels",
    read: parseLevels,
    description: "levels above the ground, without those of the roof",
  },
  {
    name: "min_level",
    key: "building:min_level",
    read: parseLevels,
    description: "levels above the ground that are left out below it",
  },
  { name: "roof_levels", key: "roof:levels", read: parseLevels, description: "levels within the roof" },
] as const;

/** Texts that a 3D tool needs, as columns of their own whether they are used much or not. */
export const BUILDING_TAGS = [
  "building",
  "building:part",
  "roof:shape",
  "building:colour",
  "roof:colour",
  "building:material",
  "roof:material",
];

const FOOT_M = 0.3048;
const UNITS_M: Readonly<Record<string, number>> = {
  "": 1,
  m: 1,
  metre: 1,
  metres: 1,
  meter: 1,
  meters: 1,
  cm: 0.01,
  km: 1000,
  ft: FOOT_M,
  feet: FOOT_M,
  foot: FOOT_M,
};
/** The highest building has 828 m. */
const MAX_HEIGHT_M = 2000;
const MAX_LEVELS = 400;

/**
 * `12`, `12.5 m`, `12,5 m`, `40 ft`, `40'`, `40'6"` to metres (wiki.openstreetmap.org/wiki/Key:height); NaN for anything else, and for
 * what no building has.
 */
export function parseLengthM(text: string): number {
  const feet = /^(\d+(?:\.\d+)?)\s*'\s*(?:(\d+(?:\.\d+)?)\s*(?:"|''))?$/.exec(text.trim());
  if (feet !== null) return plausible((Number(feet[1]) + Number(feet[2] ?? 0) / 12) * FOOT_M, MAX_HEIGHT_M);
  const match = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unitM = UNITS_M[(match?.[2] ?? "?").toLowerCase()] ?? Number.NaN;
  return plausible(Number(match?.[1]?.replace(",", ".")) * unitM, MAX_HEIGHT_M);
}

/** `3`, `2.5`; NaN for anything else. */
export function parseLevels(text: string): number {
  const match = /^-?\d+(?:[.,]\d+)?$/.exec(text.trim());
  return plausible(Number(match?.[0]?.replace(",", ".")), MAX_LEVELS);
}

function plausible(value: number, limit: number): number {
  return value >= -limit && value <= limit ? value : Number.NaN;
}
