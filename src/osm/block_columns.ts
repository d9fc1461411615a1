import { Column, float64s, int32s, TilthError, uint32s, uint8s } from "../core/index.ts";
import type { OsmBlock } from "./osm_block.ts";

/** The columns of a block while they are read. */
export class BlockColumns {
  readonly nodes = { ids: new Column(float64s), lons: new Column(int32s), lats: new Column(int32s), ...tagColumns() };
  readonly ways = {
    ids: new Column(float64s),
    refEnds: new Column(uint32s),
    refs: new Column(float64s),
    ...tagColumns(),
  };
  readonly relations = {
    ids: new Column(float64s),
    memberEnds: new Column(uint32s),
    memberTypes: new Column(uint8s),
    memberIds: new Column(float64s),
    memberRoles: new Column(uint32s),
    ...tagColumns(),
  };

  addNode(id: number, lon: number, lat: number, tags: readonly number[]): void {
    const { nodes } = this;
    nodes.ids.push(id);
    nodes.lons.push(lon);
    nodes.lats.push(lat);
    addTags(nodes, tags);
  }

  /** Its tags are `tags` from `from` to `to`. */
  addDense(
    id: number,
    lon: number,
    lat: number,
    tags: Column<Uint32Array<ArrayBuffer>>,
    from: number,
    to: number,
  ): void {
    const { nodes } = this;
    nodes.ids.push(id);
    nodes.lons.push(lon);
    nodes.lats.push(lat);
    for (let i = from; i < to; i++) nodes.tags.push(tags.at(i));
    nodes.tagEnds.push(nodes.tags.length);
  }

  /** Its refs have been pushed already. */
  addWay(id: number, tags: readonly number[]): void {
    const { ways } = this;
    ways.ids.push(id);
    ways.refEnds.push(ways.refs.length);
    addTags(ways, tags);
  }

  /** Its members have been pushed already. */
  addRelation(id: number, tags: readonly number[]): void {
    const { relations } = this;
    relations.ids.push(id);
    relations.memberEnds.push(relations.memberIds.length);
    addTags(relations, tags);
  }

  /** @throws `osm.invalid` when a column points beyond the strings */
  finish(strings: readonly string[]): OsmBlock {
    const { nodes, ways, relations } = this;
    const { memberEnds, memberTypes, memberIds, memberRoles } = relations;
    const members = { memberEnds, memberTypes, memberIds, memberRoles };
    const block: OsmBlock = {
      strings,
      nodes: {
        count: nodes.ids.length,
        ids: nodes.ids.take(),
        lons: nodes.lons.take(),
        lats: nodes.lats.take(),
        ...takeTags(nodes),
      },
      ways: {
        count: ways.ids.length,
        ids: ways.ids.take(),
        refEnds: ways.refEnds.take(),
        refs: ways.refs.take(),
        ...takeTags(ways),
      },
      relations: {
        count: relations.ids.length,
        ids: relations.ids.take(),
        memberEnds: members.memberEnds.take(),
        memberTypes: members.memberTypes.take(),
        memberIds: members.memberIds.take(),
        memberRoles: members.memberRoles.take(),
        ...takeTags(relations),
      },
    };
    for (const indices of [block.nodes.tags, block.ways.tags, block.relations.tags, block.relations.memberRoles])
      requireBelow(indices, strings.length, "a text");
    requireBelow(block.relations.memberTypes, 3, "a type of member");
    return block;
  }
}

function requireBelow(indices: Uint32Array | Uint8Array, count: number, what: string): void {
  for (const index of indices)
    if (index >= count)
      throw new TilthError(
        "osm.invalid",
        `a block of the .osm.pbf file names ${what} that it does not have; the file is damaged`,
      );
}

function tagColumns() {
  return { tagEnds: new Column(uint32s), tags: new Column(uint32s) };
}

function takeTags({ tagEnds, tags }: ReturnType<typeof tagColumns>) {
  return { tagEnds: tagEnds.take(), tags: tags.take() };
}

function addTags({ tagEnds, tags }: ReturnType<typeof tagColumns>, pairs: readonly number[]): void {
  for (const index of pairs) tags.push(index);
  tagEnds.push(tags.length);
}
