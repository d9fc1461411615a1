import { startOf, type OsmBlock, type TagColumns } from "../osm_block.ts";

interface Objects extends TagColumns {
  readonly count: number;
  readonly ids: Float64Array<ArrayBuffer>;
}

/**
 * Takes the tags from objects that had some before: they make no second feature then, while their places and lines are still there for
 * what is made of them. Remembers the ids of tagged objects.
 */
export class UniqueObjects {
  readonly #nodes = new Set<number>();
  readonly #ways = new Set<number>();
  readonly #relations = new Set<number>();

  filter(block: OsmBlock): OsmBlock {
    return {
      strings: block.strings,
      nodes: { ...block.nodes, ...withoutSeen(block.nodes, this.#nodes) },
      ways: { ...block.ways, ...withoutSeen(block.ways, this.#ways) },
      relations: { ...block.relations, ...withoutSeen(block.relations, this.#relations) },
    };
  }
}

function withoutSeen({ count, ids, tagEnds, tags }: Objects, seen: Set<number>): TagColumns {
  const keptEnds = new Uint32Array(count);
  const kept = new Uint32Array(tags.length);
  let length = 0;
  for (let i = 0; i < count; i++) {
    const [from, to] = [startOf(tagEnds, i), tagEnds[i] as number];
    const id = ids[i] as number;
    if (from < to && !seen.has(id)) {
      seen.add(id);
      kept.set(tags.subarray(from, to), length);
      length += to - from;
    }
    keptEnds[i] = length;
  }
  return { tagEnds: keptEnds, tags: kept.slice(0, length) };
}
