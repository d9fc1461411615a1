import type { FeatureBatch } from "./feature_batch.ts";

/** Moves the positions of a batch, in place. */
export type Project = (batch: FeatureBatch) => void;

const LON_LAT = "OGC:CRS84";

let last: { readonly definition: string; readonly project: Project } | null = null;

/**
 * From lon/lat into the system of that definition; NaN where there is no image. Coordinate systems are loaded only for another one: that takes 60 ms of each thread.
 */
export async function openProjection(definition: string): Promise<Project> {
  if (definition === LON_LAT) return () => undefined;
  if (last?.definition !== definition) last = { definition, project: await makeProjection(definition) };
  return last.project;
}

async function makeProjection(definition: string): Promise<Project> {
  const { createTransform, getCrs } = await import("../crs/index.ts");
  const crs = getCrs(definition);
  if (crs.code === LON_LAT) return () => undefined;
  const transform = createTransform(getCrs(LON_LAT), crs);
  return ({ geometry }) => void transform.apply(geometry.coordinates);
}
