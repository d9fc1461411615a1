import type { Geographic } from "./definition.ts";

/** EPSG:4326 as the meeting point of all datums. */
export const geographicOfWgs84: Geographic = {
  code: 4326,
  name: "WGS 84",
  datumName: "WGS_1984",
  ellipsoid: { name: "WGS 84", a: 6_378_137, rf: 298.257223563 },
  primeMeridian: { name: "Greenwich", degrees: 0 },
  shift: { kind: "null" },
  operation: null,
  accuracyM: 0,
  unit: { name: "degree", size: 1 },
};
