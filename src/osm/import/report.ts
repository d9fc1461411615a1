import type { Area, AreaProblem } from "../geometry/assemble_area.ts";
import type { OsmType } from "../osm_block.ts";

/** Something about an object that its reader should know. */
export interface Finding {
  readonly type: OsmType;
  readonly id: number;
  /**
   * `repaired`: there is a feature, but its rings crossed; `gapClosed`: or were not quite closed. `incomplete`: members are not in the input, so that no area is
   * made, or nodes of a way, of which there is a feature of those that are. `mixedTags`: a relation without tags goes round ways
   * of different things, each of which is a feature. `noPlace`: the input does not say where it is (of Overpass
   * without `out geom` or nodes). `tooShort`: a line of less than two places. The others: no area could be made.
   */
  readonly problem: AreaProblem | "repaired" | "incomplete" | "mixedTags" | "noPlace" | "tooShort";
  /** Degrees; null when it has none. */
  readonly place: readonly [lon: number, lat: number] | null;
}

/** What there is to say of an area; null when it is as it should be. */
export function problemOf({ polygons, problems }: Area): Finding["problem"] | null {
  if (polygons === null) return problems.at(-1) ?? "empty";
  if (problems.length === 0) return null;
  return problems.every((problem) => problem === "gapClosed") ? "gapClosed" : "repaired";
}
