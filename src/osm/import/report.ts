import type { AreaProblem } from "../geometry/assemble_area.ts";
import type { OsmType } from "../osm_block.ts";

/** Something about an object that its reader should know. */
export interface Finding {
  readonly type: OsmType;
  readonly id: number;
  /**
   * `repaired`: there is a feature, but its rings crossed or were not quite closed. `incomplete`: members are not in the input, or nodes of a way, of which
   * there is a feature of those that are. `tooShort`: a line of less than two places. The others: no area could be made.
   */
  readonly problem: AreaProblem | "repaired" | "incomplete" | "tooShort";
  /** Degrees; null when it has none. */
  readonly place: readonly [lon: number, lat: number] | null;
}
