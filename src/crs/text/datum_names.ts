import type { Geographic } from "../definition.ts";
import { findGeographic, listGeographic } from "../epsg_lookup.ts";
import { plainName } from "./method_names.ts";
import type { RawGeographic } from "./raw_system.ts";

/** Geographic systems by the names that ESRI and older texts give them or their datums. */
const OTHER_NAMES: Readonly<Record<string, number>> = {
  wgs1984: 4326,
  worldgeodeticsystem1984: 4326,
  worldgeodeticsystem1984ensemble: 4326,
  etrs1989: 4258,
  europeanterrestrialreferencesystem1989ensemble: 4258,
  northamerican1983: 4269,
  nad1983: 4269,
  northamerican1927: 4267,
  nad1927: 4267,
  nad19832011: 6318,
  nad1983harn: 4152,
  nad1983csrs: 4617,
  osgb1936: 4277,
  european1950: 4230,
  deutscheshauptdreiecksnetz: 4314,
  rgf1993: 4171,
  belge1972: 4313,
  gda1994: 4283,
  nzgd2000: 4167,
  nzgd1949: 4272,
  hartebeesthoek1994: 4148,
  sirgas2000: 4674,
  jgd2000: 4612,
  jgd2011: 6668,
  pulkovo1942: 4284,
  sjtsk: 4156,
  china2000: 4490,
  beijing1954: 4214,
  xian1980: 4610,
  wgs1972: 4322,
  southamerican1969: 4618,
  rt1990: 4124,
};

let byName: Map<string, number> | undefined;

/** The name alone: without what ESRI puts before it. */
const bare = (name: string): string => plainName(name.replace(/^(GCS|D)_/, ""));

function codeOf(name: string): number | undefined {
  byName ??= new Map([
    ...listGeographic().map(({ name: text, code }): [string, number] => [plainName(text), code]),
    ...Object.entries(OTHER_NAMES),
  ]);
  return byName.get(bare(name));
}

/** The geographic system of EPSG that a text means by its code or a name, when its figure and meridian are the same; else null. */
export function recognizeGeographic(raw: RawGeographic): Geographic | null {
  for (const code of [raw.epsg, codeOf(raw.name), codeOf(raw.datumName)]) {
    const known = code === null || code === undefined ? null : findGeographic(code);
    if (known !== null && sameFigure(known, raw)) return known;
  }
  return null;
}

/** A tenth of a millimetre on the axis, 1e-6 on the inverse flattening (0.1 mm on the other axis), 0.001 arc-second on the meridian. */
function sameFigure(known: Geographic, raw: RawGeographic): boolean {
  return (
    Math.abs(known.ellipsoid.a - raw.ellipsoid.a) < 1e-3 &&
    Math.abs(known.ellipsoid.rf - raw.ellipsoid.rf) < 1e-5 &&
    Math.abs(known.primeMeridian.degrees - raw.primeMeridian.degrees) < 3e-7
  );
}
