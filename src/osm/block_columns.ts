import { Float64Column, Int32Column, TilthError, Uint32Column, Uint8Column } from "../core/index.ts";
import type { OsmBlock } from "./osm_block.ts";

/** Key, value, key, value ...: a list or a column. */
interface Pairs {
  readonly length: number;
  at(index: number): number | undefined;
}

export interface DenseNodes {
  readonly ids: Float64Array;
  /** Units of 1e-7 degrees. */
  readonly lons: Float64Array;
  readonly lats: Float64Array;
  readonly tags: Float64Array;
  readonly visible: Float64Array;
}

/** Places of deleted objects in their columns. */
export interface DeletedObjects {
  readonly nodes: Set<number>;
  readonly ways: Set<number>;
  readonly relations: Set<number>;
}

/** The columns of a block while they are read. */
export class BlockColumns {
  /** Of objects that were added although they were deleted. */
  readonly deleted: DeletedObjects = { nodes: new Set(), ways: new Set(), relations: new Set() };
  readonly nodes = { ids: new Float64Column(), lons: new Int32Column(), lats: new Int32Column(), ...tagColumns() };
  readonly ways = {
    ids: new Float64Column(),
    refEnds: new Uint32Column(),
    refs: new Float64Column(),
    ...tagColumns(),
  };
  readonly relations = {
    ids: new Float64Column(),
    memberEnds: new Uint32Column(),
    memberTypes: new Uint8Column(),
    memberIds: new Float64Column(),
    memberRoles: new Uint32Column(),
    ...tagColumns(),
  };

  addNode(id: number, lon: number, lat: number, tags: Pairs): void {
    const { nodes } = this;
    nodes.ids.push(id);
    nodes.lons.push(lon);
    nodes.lats.push(lat);
    addTags(nodes, tags);
  }

  /** Tags are keys and values, those of a node ended by 0. A node whose `visible` is 0 was deleted. */
  addDense({ ids, lons, lats, tags, visible }: DenseNodes, keepDeleted: boolean): void {
    const { nodes } = this;
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const from = at;
      while (at < tags.length && tags[at] !== 0) at += 2;
      if (visible[i] === 0 && keepDeleted) this.deleted.nodes.add(nodes.ids.length);
      if (visible[i] !== 0 || keepDeleted) {
        for (let each = from; each < at; each++) nodes.tags.push(tags[each] ?? 0);
        nodes.ids.push(ids[i] as number);
        nodes.lons.push(lons[i] as number);
        nodes.lats.push(lats[i] as number);
        nodes.tagEnds.push(nodes.tags.length);
      }
      at += 1;
    }
  }

  /** Its refs have been pushed already. */
  addWay(id: number, tags: Pairs): void {
    const { ways } = this;
    ways.ids.push(id);
    ways.refEnds.push(ways.refs.length);
    addTags(ways, tags);
  }

  /** Its members have been pushed already. */
  addRelation(id: number, tags: Pairs): void {
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
  return { tagEnds: new Uint32Column(), tags: new Uint32Column() };
}

function takeTags({ tagEnds, tags }: ReturnType<typeof tagColumns>) {
  return { tagEnds: tagEnds.take(), tags: tags.take() };
}

function addTags({ tagEnds, tags }: ReturnType<typeof tagColumns>, pairs: Pairs): void {
  for (let i = 0; i < pairs.length; i++) tags.push(pairs.at(i) as number);
  tagEnds.push(tags.length);
}
