import type { BatchEncoding } from "../../feature/index.ts";
import type { FeaturePlan } from "./feature_plan.ts";

/** What is the same for all parts. */
export interface BuildContext {
  readonly plan: FeaturePlan;
  /** Of the file to be written. */
  readonly encoding: BatchEncoding | null;
}

let last: { readonly text: string; readonly context: BuildContext } | null = null;

/** As text, which crosses to a thread in a tenth of the time of objects, and is read there once (a coverage may have thousands of places). */
export function packContext(context: BuildContext): string {
  return JSON.stringify(context);
}

export function readContext(text: string): BuildContext {
  if (last?.text !== text) last = { text, context: JSON.parse(text) as BuildContext };
  return last.context;
}
