import type { Ellipsoid, Unit } from "../definition.ts";

/** A geographic system as a text gives it. */
export interface RawGeographic {
  readonly name: string;
  readonly epsg: number | null;
  readonly datumName: string;
  readonly ellipsoid: Ellipsoid;
  readonly primeMeridian: { readonly name: string; readonly degrees: number };
  readonly unit: Unit;
  /** As position vector: metres, arc-seconds, parts per million; null when the text says nothing. */
  readonly toWgs84: readonly number[] | null;
  /** Name of a datum grid that the text asks for. */
  readonly grid: string | null;
}

/** A parameter in degrees, metres or without unit. */
export interface RawParameter {
  readonly name: string;
  readonly value: number;
}

/** A system as a text gives it, before it is compared with EPSG and its method is looked up. */
export interface RawSystem {
  readonly name: string;
  readonly epsg: number | null;
  readonly geographic: RawGeographic;
  /** null for a geographic system. */
  readonly method: { readonly name: string; readonly parameters: readonly RawParameter[] } | null;
  readonly unit: Unit;
  /** Directions of the axes in the text's order: `east`, `north`, `south`, `west`; empty when it says nothing. */
  readonly directions: readonly string[];
  /** A proj string that stands for the projection (EXTENSION node). */
  readonly proj: string | null;
}
