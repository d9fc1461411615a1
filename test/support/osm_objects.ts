import { MEMBER_TYPES, NO_PLACE, startOf, type OsmBlock, type TagColumns } from "../../src/osm/osm_block.ts";

/** Objects of blocks as texts, in their order: `n1 7.5,43.7 key=value`, `w2 1,2,3`, `w2 1@7.5,43.7 2@?` with places, `r3 way 2 outer`. */
export function listObjects(...blocks: readonly OsmBlock[]): string[] {
  return blocks.flatMap(({ nodes, ways, relations, strings }) => [
    ...Array.from(nodes.ids.subarray(0, nodes.count), (id, i) =>
      join(`n${id} ${placeOf(nodes.lons[i], nodes.lats[i])}`, tagsOf(nodes, i, strings)),
    ),
    ...Array.from(ways.ids.subarray(0, ways.count), (id, i) =>
      join(`w${id} ${refsOf(ways, i)}`, tagsOf(ways, i, strings)),
    ),
    ...Array.from(relations.ids.subarray(0, relations.count), (id, i) =>
      join(`r${id} ${membersOf(relations, i, strings)}`, tagsOf(relations, i, strings)),
    ),
  ]);
}

function refsOf({ refs, refEnds, lons, lats }: OsmBlock["ways"], i: number): string {
  const [from, to] = [startOf(refEnds, i), refEnds[i]];
  if (lons.length === 0) return refs.subarray(from, to).join(",");
  const placed = [...refs.subarray(from, to)].map((ref, at) => `${ref}@${placeOf(lons[from + at], lats[from + at])}`);
  return placed.join(" ");
}

function placeOf(lon = 0, lat = 0): string {
  return lon === NO_PLACE ? "?" : `${lon / 1e7},${lat / 1e7}`;
}

const join = (object: string, tags: string): string => `${object} ${tags}`.trim();

function tagsOf({ tagEnds, tags }: TagColumns, i: number, strings: readonly string[]): string {
  const texts = [...tags.subarray(startOf(tagEnds, i), tagEnds[i])].map((index) => strings[index]);
  return texts.flatMap((text, at) => (at % 2 === 0 ? `${text}=${texts[at + 1]}` : [])).join(" ");
}

function membersOf(relations: OsmBlock["relations"], i: number, strings: readonly string[]): string {
  const { memberEnds, memberTypes, memberIds, memberRoles } = relations;
  const members: string[] = [];
  for (let at = startOf(memberEnds, i); at < (memberEnds[i] ?? 0); at++)
    members.push(`${MEMBER_TYPES[memberTypes[at] ?? 0]} ${memberIds[at]} ${strings[memberRoles[at] ?? 0]}`.trim());
  return members.join(", ");
}
