import type { FeatureBatch } from "./feature_batch.ts";

/** Moves the positions of a batch, in place. */
export type Project = (batch: FeatureBatch) => void;

/** Whose positions nobody moves. */
export const LON_LAT = "OGC:CRS84";

let last: { readonly to: string; readonly from: string; readonly project: Project } | null = null;

/**
 * From one system into another, both by their definitions; NaN where there is no image. Coordinate systems are loaded only for two that differ: that takes 60 ms of each thread.
 */
export async function openProjection(to: string, from: string = LON_LAT): Promise<Project> {
  if (to === from) return () => undefined;
  if (last?.to !== to || last.from !== from) last = { to, from, project: await makeProjection(to, from) };
  return last.project;
}

async function makeProjection(to: string, from: string): Promise<Project> {
  const { createTransform, getCrs } = await import("../crs/index.ts");
  const [target, source] = [getCrs(to), getCrs(from)];
  if (target.code === source.code) return () => undefined;
  const transform = createTransform(source, target);
  return ({ geometry }) => void transform.apply(geometry.coordinates);
}
