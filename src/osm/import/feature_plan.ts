import type { LonLatBbox, Polygon } from "../../geo/index.ts";
import type { LayerPlan } from "../tags/layer_plan.ts";

/** The area that is wanted: boxes that do not cross the antimeridian, or polygons; null: everything. */
export type WantedArea = { readonly boxes: readonly LonLatBbox[] } | { readonly polygons: readonly Polygon[] } | null;

/**
 * What is left of objects that lie across the edge of the area, as `osmium extract` names it. `smart`: ways and areas whole. `completeWays`: ways whole; an area
 * of those of its ways that have a part in the area, if they close. `simple`: of lines the parts between places that lie within, areas when all of them do.
 */
export type ClipStrategy = "smart" | "completeWays" | "simple";

/** What threads need to know to make features. */
export interface FeaturePlan {
  readonly layers: LayerPlan;
  readonly area: WantedArea;
  /** @default "smart" */
  readonly clip?: ClipStrategy;
}
