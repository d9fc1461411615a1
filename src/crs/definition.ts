import type { Bbox } from "../geo/index.ts";

/** Figure of the Earth: `a` semi-major axis in metres, `rf` inverse flattening (0: a sphere). */
export interface Ellipsoid {
  readonly name: string;
  readonly a: number;
  readonly rf: number;
}

/**
 * Way from a datum to WGS 84, as geocentric vectors.
 * `helmert`: EPSG method 9606 (position vector): dx, dy, dz metres, rx, ry, rz arc-seconds, ds parts per million,
 * and the pivot px, py, pz of Molodensky-Badekas; what is left out is 0.
 * `null`: the coordinates are taken as they are. `grid`: a file of shifts is wanted. `unknown`: nobody says.
 */
export type DatumShift =
  | { readonly kind: "helmert"; readonly parameters: readonly number[] }
  | { readonly kind: "null" }
  | { readonly kind: "grid"; readonly grid: string }
  | { readonly kind: "unknown" };

/** A geographic 2D system: what lon/lat mean. */
export interface Geographic {
  /** EPSG code, null when the text gave none. */
  readonly code: number | null;
  readonly name: string;
  /** Name of the datum as well-known text writes it (underscores for spaces). */
  readonly datumName: string;
  readonly ellipsoid: Ellipsoid;
  readonly primeMeridian: { readonly name: string; readonly degrees: number };
  readonly shift: DatumShift;
  /** EPSG operation that the shift is, null when nobody says. */
  readonly operation: number | null;
  /** Expected accuracy of the shift, metres; null when nobody says. */
  readonly accuracyM: number | null;
  readonly unit: Unit;
}

/** One linear unit in metres, or one angular unit in degrees. */
export interface Unit {
  readonly name: string;
  readonly size: number;
}

/** `method` and parameters in PROJ's words; degrees and metres; flags are 1. */
export interface ProjectionMethod {
  readonly method: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/** A whole system as data. */
export interface SystemDefinition {
  /** `EPSG:2056`, or a made name. */
  readonly code: string;
  readonly name: string;
  readonly base: Geographic;
  /** null for a geographic system. */
  readonly projection: ProjectionMethod | null;
  readonly unit: Unit;
  readonly axisOrder: "xy" | "yx";
  /** Directions of the two coordinates in PROJ's letters: `en`, `ws` (South Orientated), `sw` (Krovak). */
  readonly directions: string;
  readonly areaOfUse: Bbox;
}
