import type { Seed } from "../api/cluster_types.ts";

/** The list with a seed as it is now. */
export function putSeed(seeds: readonly Seed[], seed: Seed): readonly Seed[] {
  return seeds.map((old) => (old.id === seed.id ? seed : old));
}

/** Share of the planned tiles that are settled, 0..1; cancelled ones are not. */
export function shareSettled({ planned, present, stored, empty, failed }: Seed): number {
  return planned === 0 ? 1 : Math.min(1, (present + stored + empty + failed) / planned);
}

/** What a seed is called that may have ended well or not: the words of jobs. */
export function wordFor({ state, complete }: Seed): string {
  if (state !== "ended") return state;
  return complete ? "done" : "incomplete";
}
