import { Classifier } from "./classifier.ts";
import type { LayerPlan } from "./layer_plan.ts";

/** Finds the theme of tags that are texts. */
export function planFinder(plan: LayerPlan): (tags: readonly (readonly [string, string])[]) => number | null {
  return (tags) => {
    const strings = tags.flat();
    const indices = Uint32Array.from(strings.keys());
    return new Classifier(plan, strings).findTheme(indices, 0, indices.length);
  };
}
