import { BlockBuilder } from "../block_builder.ts";
import { countObjects, MEMBER_TYPES, startOf, UNITS_PER_DEGREE, type OsmBlock, type TagColumns } from "../osm_block.ts";
import { decodeVersions, type VersionedBlock } from "./decode_block.ts";
import { inflateBlob } from "./inflate_blob.ts";

const KINDS = ["nodes", "ways", "relations"] as const;
type Kind = (typeof KINDS)[number];

interface First {
  readonly kind: Kind;
  readonly id: number;
}

/**
 * The newest version of each object of a file with history, nothing where that one is deleted. Versions of an object follow each other, oldest first,
 * also from one blob to the next.
 */
export async function* newestVersions(blobs: AsyncIterable<Uint8Array>): AsyncGenerator<OsmBlock> {
  let held: VersionedBlock | null = null;
  for await (const bytes of blobs) {
    const next = decodeVersions(inflateBlob(bytes));
    const first = firstOf(next.block);
    if (first === null) continue;
    if (held !== null) yield pickNewest(held, first);
    held = next;
  }
  if (held !== null) yield pickNewest(held, null);
}

function firstOf(block: OsmBlock): First | null {
  const kind = KINDS.find((each) => block[each].count > 0);
  return kind === undefined || countObjects(block) === 0 ? null : { kind, id: block[kind].ids[0] as number };
}

/** @param follower the first object behind the block */
function pickNewest({ block, deleted }: VersionedBlock, follower: First | null): OsmBlock {
  const builder = new BlockBuilder();
  for (const kind of KINDS) {
    const { ids, count } = block[kind];
    for (let i = 0; i < count; i++) {
      const next = i + 1 < count ? ids[i + 1] : follower?.kind === kind ? follower.id : null;
      if (next !== ids[i] && !deleted[kind].has(i)) ADD[kind](builder, block, i);
    }
  }
  return builder.finish();
}

const ADD: Readonly<Record<Kind, (builder: BlockBuilder, block: OsmBlock, i: number) => void>> = {
  nodes: (builder, { nodes, strings }, i) => {
    const [lon, lat] = [nodes.lons[i] as number, nodes.lats[i] as number];
    builder.addNode(nodes.ids[i] as number, lon / UNITS_PER_DEGREE, lat / UNITS_PER_DEGREE, tagsOf(nodes, strings, i));
  },
  ways: (builder, { ways, strings }, i) => {
    const refs = ways.refs.subarray(startOf(ways.refEnds, i), ways.refEnds[i]);
    builder.addWay(ways.ids[i] as number, refs, tagsOf(ways, strings, i));
  },
  relations: (builder, { relations, strings }, i) => {
    const { memberEnds, memberIds, memberTypes, memberRoles } = relations;
    const first = startOf(memberEnds, i);
    const members = Array.from(memberIds.subarray(first, memberEnds[i]), (id, at) => ({
      type: MEMBER_TYPES[memberTypes[first + at] as number] as (typeof MEMBER_TYPES)[number],
      id,
      role: strings[memberRoles[first + at] as number] as string,
    }));
    builder.addRelation(relations.ids[i] as number, members, tagsOf(relations, strings, i));
  },
};

function* tagsOf({ tagEnds, tags }: TagColumns, strings: readonly string[], i: number): Generator<[string, string]> {
  for (let at = startOf(tagEnds, i); at < (tagEnds[i] as number); at += 2)
    yield [strings[tags[at] as number] as string, strings[tags[at + 1] as number] as string];
}
