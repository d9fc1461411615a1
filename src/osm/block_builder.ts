import { BlockColumns, type NodeRun, type WayRun } from "./block_columns.ts";
import { MEMBER_TYPES, NO_PLACE, UNITS_PER_DEGREE, type OsmBlock, type OsmType } from "./osm_block.ts";
import { TextTable } from "./text_table.ts";

export type Tags = Iterable<readonly [key: string, value: string]>;

export type Place = readonly [lon: number, lat: number];

export interface Member {
  readonly type: OsmType;
  readonly id: number;
  readonly role: string;
}

/** Puts objects together into a block, one after another: for formats that are not columns themselves (XML, JSON). */
export class BlockBuilder {
  readonly #columns: BlockColumns;
  readonly texts = new TextTable();

  /** @param columns memory to build in, of one builder at a time */
  constructor(columns = new BlockColumns()) {
    this.#columns = columns;
    columns.clear();
  }

  /** Objects so far. */
  get count(): number {
    const { nodes, ways, relations } = this.#columns;
    return nodes.ids.length + ways.ids.length + relations.ids.length;
  }

  /** Nodes of ways and members of relations so far. */
  get parts(): number {
    const { ways, relations } = this.#columns;
    return ways.refs.length + relations.memberIds.length;
  }

  /** @param lon degrees */
  addNode(id: number, lon: number, lat: number, tags: Tags): void {
    this.#addTags(this.#columns.nodes.tags, tags);
    this.#columns.addNode(id, ...unitsOf(lon, lat));
  }

  /** A node of which the input does not say where it is. */
  addPlacelessNode(id: number, tags: Tags): void {
    this.#addTags(this.#columns.nodes.tags, tags);
    this.#columns.addNode(id, NO_PLACE, NO_PLACE);
  }

  /** Of many nodes. @param run its texts are places in `texts` */
  addNodes(run: NodeRun): void {
    this.#columns.addNodes(run);
  }

  /** Of many ways. @param run its texts are places in `texts` */
  addWays(run: WayRun): void {
    this.#columns.addWays(run);
  }

  /** @param refs ids of nodes */
  addWay(id: number, refs: Iterable<number>, tags: Tags): void {
    for (const ref of refs) this.#columns.ways.refs.push(ref);
    this.#addTags(this.#columns.ways.tags, tags);
    this.#columns.addWay(id);
  }

  /**
   * A way with its places.
   * @param refs null when they are not known
   * @param places of the refs, degrees; null for one that is not known
   */
  addPlacedWay(id: number, refs: readonly number[] | null, places: readonly (Place | null)[], tags: Tags): void {
    const first = this.#columns.ways.refs.length;
    const all = refs ?? namelessRefs(places);
    for (const ref of all) this.#columns.ways.refs.push(ref);
    for (const [i, place] of places.slice(0, all.length).entries())
      if (place !== null) this.#columns.setPlace(first + i, ...unitsOf(...place));
    this.#addTags(this.#columns.ways.tags, tags);
    this.#columns.addWay(id);
  }

  addRelation(id: number, members: Iterable<Member>, tags: Tags): void {
    const { memberTypes, memberIds, memberRoles } = this.#columns.relations;
    for (const member of members) {
      memberTypes.push(MEMBER_TYPES.indexOf(member.type));
      memberIds.push(member.id);
      memberRoles.push(this.texts.intern(member.role));
    }
    this.#addTags(this.#columns.relations.tags, tags);
    this.#columns.addRelation(id);
  }

  /** What was added, as a block; the builder must not be used any more. */
  finish(): OsmBlock {
    return this.#columns.finish(this.texts.strings);
  }

  #addTags(into: { push(index: number): void }, tags: Tags): void {
    for (const [key, value] of tags) {
      into.push(this.texts.intern(key));
      into.push(this.texts.intern(value));
    }
  }
}

function unitsOf(lon: number, lat: number): [x: number, y: number] {
  return [Math.round(lon * UNITS_PER_DEGREE), Math.round(lat * UNITS_PER_DEGREE)];
}

/** Below the ids that editors give to what they have not uploaded. */
const FIRST_NAMELESS = -(2 ** 52);

/** Each its own, but that a line which ends where it begins is a ring. Nobody knows them: what has no place here has none. */
function namelessRefs(places: readonly (Place | null)[]): number[] {
  const refs = places.map((_place, i) => FIRST_NAMELESS - i);
  const [first, last] = [places[0], places.at(-1)];
  if (first && last && unitsOf(...first).join() === unitsOf(...last).join()) refs[refs.length - 1] = FIRST_NAMELESS;
  return refs;
}
