import { Float64Column, Int32Column, TilthError, Uint32Column, Uint8Column } from "../core/index.ts";
import { NO_PLACE, type OsmBlock } from "./osm_block.ts";

/** Places of deleted objects in their columns. */
export interface DeletedObjects {
  readonly nodes: Set<number>;
  readonly ways: Set<number>;
  readonly relations: Set<number>;
}

/** Columns of some nodes; ends count from the first of them. */
export interface NodeRun {
  readonly ids: Float64Array;
  /** Units of 1e-7 degrees. */
  readonly lons: Int32Array;
  readonly lats: Int32Array;
  readonly tagEnds: Int32Array;
  readonly tags: Int32Array;
}

/** Columns of some ways; ends count from the first of them. */
export interface WayRun {
  readonly ids: Float64Array;
  readonly refEnds: Int32Array;
  readonly refs: Float64Array;
  readonly isRing: Uint8Array;
  readonly tagEnds: Int32Array;
  readonly tags: Int32Array;
}

/** The columns of a block while they are read. */
export class BlockColumns {
  /** Of objects that were added although they were deleted. */
  deleted: DeletedObjects = noObjects();
  readonly nodes = { ids: new Float64Column(), lons: new Int32Column(), lats: new Int32Column(), ...tagColumns() };
  readonly ways = {
    ids: new Float64Column(),
    refEnds: new Uint32Column(),
    refs: new Float64Column(),
    isRing: new Uint8Column(),
    lons: new Int32Column(),
    lats: new Int32Column(),
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

  /** For the next block; the memory is kept. */
  clear(): void {
    this.deleted = noObjects();
    for (const columns of [this.nodes, this.ways, this.relations])
      for (const column of Object.values(columns)) column.cut(0);
  }

  addNode(id: number, lon: number, lat: number): void {
    const { nodes } = this;
    nodes.ids.push(id);
    nodes.lons.push(lon);
    nodes.lats.push(lat);
    nodes.tagEnds.push(nodes.tags.length);
  }

  addNodes({ ids, lons, lats, tagEnds, tags }: NodeRun): void {
    const { nodes } = this;
    appendEnds(nodes.tagEnds, tagEnds, nodes.tags.length);
    append(nodes.ids, ids);
    append(nodes.lons, lons);
    append(nodes.lats, lats);
    append(nodes.tags, tags);
  }

  addWays({ ids, refEnds, refs, isRing, tagEnds, tags }: WayRun): void {
    const { ways } = this;
    appendEnds(ways.refEnds, refEnds, ways.refs.length);
    appendEnds(ways.tagEnds, tagEnds, ways.tags.length);
    append(ways.ids, ids);
    append(ways.refs, refs);
    append(ways.isRing, isRing);
    append(ways.tags, tags);
  }

  /** Its refs and tags have been pushed already. */
  addWay(id: number): void {
    const { refs, refEnds } = this.ways;
    const from = refEnds.length === 0 ? 0 : refEnds.at(refEnds.length - 1);
    this.addRefless(id, refs.length - from >= 4 && refs.at(from) === refs.at(refs.length - 1));
  }

  /** A way whose refs are not wanted. */
  addRefless(id: number, isRing: boolean): void {
    const { ways } = this;
    ways.ids.push(id);
    ways.isRing.push(isRing ? 1 : 0);
    ways.refEnds.push(ways.refs.length);
    ways.tagEnds.push(ways.tags.length);
  }

  /** Where the ref at `index` of all refs lies. */
  setPlace(index: number, lon: number, lat: number): void {
    const { lons, lats } = this.ways;
    if (lons.length <= index) this.#alignPlaces();
    lons.set(index, lon);
    lats.set(index, lat);
  }

  /** Its members and tags have been pushed already. */
  addRelation(id: number): void {
    const { relations } = this;
    relations.ids.push(id);
    relations.memberEnds.push(relations.memberIds.length);
    relations.tagEnds.push(relations.tags.length);
  }

  /**
   * @param how as copies, or as views that hold until the columns change
   * @throws `osm.invalid` when a column points beyond the strings
   */
  finish(strings: readonly string[], how: "take" | "view" = "take"): OsmBlock {
    const { nodes, ways, relations } = this;
    if (ways.lons.length > 0) this.#alignPlaces();
    const block: OsmBlock = {
      strings,
      nodes: {
        count: nodes.ids.length,
        ids: nodes.ids[how](),
        lons: nodes.lons[how](),
        lats: nodes.lats[how](),
        ...tagsOf(nodes, how),
      },
      ways: {
        count: ways.ids.length,
        ids: ways.ids[how](),
        refEnds: ways.refEnds[how](),
        refs: ways.refs[how](),
        isRing: ways.isRing[how](),
        lons: ways.lons[how](),
        lats: ways.lats[how](),
        ...tagsOf(ways, how),
      },
      relations: {
        count: relations.ids.length,
        ids: relations.ids[how](),
        memberEnds: relations.memberEnds[how](),
        memberTypes: relations.memberTypes[how](),
        memberIds: relations.memberIds[how](),
        memberRoles: relations.memberRoles[how](),
        ...tagsOf(relations, how),
      },
    };
    for (const indices of [block.nodes.tags, block.ways.tags, block.relations.tags, block.relations.memberRoles])
      if (highestOf(indices) >= strings.length) throw nameless("a text");
    if (block.relations.memberTypes.some((type) => type >= 3)) throw nameless("a type of member");
    return block;
  }

  /** One place for each ref. */
  #alignPlaces(): void {
    const { refs, lons, lats } = this.ways;
    const from = lons.length;
    for (const column of [lons, lats]) column.extend(refs.length - from).fill(NO_PLACE, from, refs.length);
  }
}

interface Appendable {
  readonly length: number;
  extend(count: number): { set(values: ArrayLike<number>, at: number): void };
}

function append(column: Appendable, values: ArrayLike<number>): void {
  const { length } = column;
  column.extend(values.length).set(values, length);
}

function appendEnds(column: Uint32Column, ends: Int32Array, before: number): void {
  const { length } = column;
  const values = column.extend(ends.length);
  for (let i = 0; i < ends.length; i++) values[length + i] = before + (ends[i] as number);
}

function nameless(what: string): TilthError {
  return new TilthError(
    "osm.invalid",
    `a block of the .osm.pbf file names ${what} that it does not have; the file is damaged`,
  );
}

/** -1 of nothing. */
function highestOf(indices: Uint32Array): number {
  let highest = -1;
  for (let i = 0; i < indices.length; i++) if ((indices[i] as number) > highest) highest = indices[i] as number;
  return highest;
}

function noObjects(): DeletedObjects {
  return { nodes: new Set(), ways: new Set(), relations: new Set() };
}

function tagColumns() {
  return { tagEnds: new Uint32Column(), tags: new Uint32Column() };
}

function tagsOf({ tagEnds, tags }: ReturnType<typeof tagColumns>, how: "take" | "view") {
  return { tagEnds: tagEnds[how](), tags: tags[how]() };
}
