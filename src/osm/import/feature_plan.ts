import type { LonLatBbox, Polygon } from "../../geo/index.ts";
import type { LayerPlan } from "../tags/layer_plan.ts";

/** The area that is wanted: boxes that do not cross the antimeridian, or polygons; null: everything. */
export type WantedArea = { readonly boxes: readonly LonLatBbox[] } | { readonly polygons: readonly Polygon[] } | null;

/** What threads need to know to make features. */
export interface FeaturePlan {
  readonly layers: LayerPlan;
  readonly area: WantedArea;
}
