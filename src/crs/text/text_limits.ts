import { TilthError } from "../../core/index.ts";
import type { Ellipsoid } from "../definition.ts";

/** Longest text that is read: the longest definitions of EPSG have 6 kB. */
export const MAX_TEXT_LENGTH = 65_536;

/** Deepest nesting that is read: EPSG's go to 8. */
export const MAX_DEPTH = 32;

/** Error about a text, of which only the beginning is told. */
export function invalidText(expected: string, text: string): TilthError {
  const begins = text.slice(0, 60);
  return new TilthError("crs.invalid", `expected ${expected}, got '${begins}${text.length > 60 ? "..." : ""}'`, {
    fields: { crs: begins },
  });
}

/** Error about a text that can be read and not computed. */
export function unsupportedText(what: string, name: string): TilthError {
  return new TilthError(
    "crs.unsupported",
    `expected a system that can be computed, got ${what} in '${name.slice(0, 60)}'`,
    {
      fields: { crs: name.slice(0, 60) },
    },
  );
}

/** The figure of a celestial body of 1 km to a million: the arithmetic is not made for others. @throws `crs.unsupported` */
export function requireFigure(ellipsoid: Ellipsoid, name: string): Ellipsoid {
  const { a, rf } = ellipsoid;
  if (a > 1e3 && a < 1e9 && (rf === 0 || rf > 1)) return ellipsoid;
  throw unsupportedText(`an ellipsoid of ${a} m, 1/${rf}`, name);
}
