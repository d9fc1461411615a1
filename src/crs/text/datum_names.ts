import type { Geographic } from "../definition.ts";
import { findGeographic, listGeographic } from "../epsg_lookup.ts";
import { plainName } from "./method_names.ts";
import { OTHER_NAMES } from "./other_names.ts";
import type { RawGeographic } from "./raw_system.ts";

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
