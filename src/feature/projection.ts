import { createTransform, getCrs } from "../crs/index.ts";
import type { FeatureBatch } from "./feature_batch.ts";

const LON_LAT = "OGC:CRS84";

let last: { readonly definition: string; readonly project: (batch: FeatureBatch) => void } | null = null;

/** Moves the positions of batches, in place, from lon/lat into the system of that definition; NaN where there is no image. */
export function openProjection(definition: string): (batch: FeatureBatch) => void {
  if (last?.definition !== definition) last = { definition, project: makeProjection(definition) };
  return last.project;
}

function makeProjection(definition: string): (batch: FeatureBatch) => void {
  const crs = getCrs(definition);
  if (crs.code === LON_LAT) return () => undefined;
  const transform = createTransform(getCrs(LON_LAT), crs);
  return ({ geometry }) => void transform.apply(geometry.coordinates);
}
