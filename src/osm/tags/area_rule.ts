/** Keys by which a closed way is an area: with any value, with these only, or with all but these. */
export type KeyRule = "any" | { readonly only: readonly string[] } | { readonly not: readonly string[] };

/** wiki.openstreetmap.org/wiki/Overpass_turbo/Polygon_Features */
const AREA_KEYS: Readonly<Record<string, KeyRule>> = {
  building: "any",
  "building:part": "any",
  highway: { only: ["services", "rest_area", "escape", "elevator"] },
  natural: { not: ["coastline", "cliff", "ridge", "arete", "tree_row"] },
  landuse: "any",
  waterway: { only: ["riverbank", "dock", "boatyard", "dam"] },
  amenity: "any",
  leisure: "any",
  barrier: { only: ["city_wall", "ditch", "hedge", "retaining_wall", "wall", "spikes"] },
  railway: { only: ["station", "turntable", "roundhouse", "platform"] },
  area: "any",
  boundary: "any",
  man_made: { not: ["cutline", "embankment", "pipeline"] },
  power: { only: ["plant", "substation", "generator", "transformer"] },
  place: "any",
  shop: "any",
  aeroway: { not: ["taxiway"] },
  tourism: "any",
  historic: "any",
  public_transport: "any",
  office: "any",
  military: "any",
  ruins: "any",
  "area:highway": "any",
  craft: "any",
  golf: "any",
  indoor: "any",
};

/** What a key says of areas; null: nothing, whatever its value. */
export function findAreaRule(key: string): KeyRule | null {
  return Object.hasOwn(AREA_KEYS, key) ? (AREA_KEYS[key] as KeyRule) : null;
}

/** Whether a tag makes an area of a closed way. `deniesArea` counts more. */
export function impliesArea(rule: KeyRule, value: string): boolean {
  if (value === "no") return false;
  if (rule === "any") return true;
  return "only" in rule ? rule.only.includes(value) : !rule.not.includes(value);
}

export function deniesArea(key: string, value: string): boolean {
  return key === "area" && value === "no";
}
