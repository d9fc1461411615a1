import type { MemberWays } from "./build_features.ts";

/** A way that is a member of areas. */
export interface MemberWay {
  readonly line: Int32Array;
  readonly touches: boolean;
  readonly tags: readonly string[];
}

/** Lines of the ways that are members of areas, by id; 8 bytes a place. */
export class MemberStore {
  readonly #chunks: MemberWays[] = [];
  /** Chunk and place in it, of each way. */
  readonly #places = new Map<number, readonly [chunk: number, index: number]>();

  add(ways: MemberWays): void {
    if (ways.ids.length === 0) return;
    const chunk = this.#chunks.push(ways) - 1;
    for (const [index, id] of ways.ids.entries())
      // An Overpass answer has a member once with its tags and once without.
      if (!this.#places.has(id) || (ways.tags[index] ?? []).length > 0) this.#places.set(id, [chunk, index]);
  }

  /** Null when the way was not in the input, or none of its nodes. */
  find(id: number): MemberWay | null {
    const place = this.#places.get(id);
    const chunk = place && this.#chunks[place[0]];
    if (place === undefined || chunk === undefined) return null;
    const [, index] = place;
    const from = index === 0 ? 0 : (chunk.ends[index - 1] as number);
    const to = chunk.ends[index] as number;
    if (to === from) return null;
    return { line: chunk.units.subarray(from, to), touches: chunk.touches[index] === 1, tags: chunk.tags[index] ?? [] };
  }

  get size(): number {
    return this.#places.size;
  }
}
