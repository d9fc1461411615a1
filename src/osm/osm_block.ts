/**
 * Some thousands of OpenStreetMap objects as columns: what every reader gives and every later stage takes. Crosses thread borders
 * without a copy (`blockBuffers`). Of deleted objects nothing is left; object versions, users and times are not kept.
 */
export interface OsmBlock {
  /** Keys, values and roles; other columns point into it. */
  readonly strings: readonly string[];
  readonly nodes: NodeColumns;
  readonly ways: WayColumns;
  readonly relations: RelationColumns;
}

/** Tags of object `i` are the pairs of `tags` from `tagEnds[i - 1]` (0 for the first) to `tagEnds[i]`: key, value, key, value ... */
export interface TagColumns {
  readonly tagEnds: Uint32Array<ArrayBuffer>;
  /** Indices into the block's strings. */
  readonly tags: Uint32Array<ArrayBuffer>;
}

export interface NodeColumns extends TagColumns {
  readonly count: number;
  /** Up to 2^53; negative ones are of editors that have not uploaded yet. */
  readonly ids: Float64Array<ArrayBuffer>;
  /** Degrees x 1e7, as the OpenStreetMap database keeps them; both `NO_PLACE` where the input knows none. */
  readonly lons: Int32Array<ArrayBuffer>;
  readonly lats: Int32Array<ArrayBuffer>;
}

export interface WayColumns extends TagColumns {
  readonly count: number;
  readonly ids: Float64Array<ArrayBuffer>;
  readonly refEnds: Uint32Array<ArrayBuffer>;
  /** Ids of nodes. */
  readonly refs: Float64Array<ArrayBuffer>;
  /** 1 for those that end at the node at which they begin and have four refs or more. */
  readonly isRing: Uint8Array<ArrayBuffer>;
  /** Of each ref, as of nodes, where the input has places with its ways (`NO_PLACE` where it knows none); empty where it has none at all. */
  readonly lons: Int32Array<ArrayBuffer>;
  readonly lats: Int32Array<ArrayBuffer>;
}

/** A coordinate that is not known; osmium writes the same. */
export const NO_PLACE = 0x7fff_ffff;

/** Codes of `MemberType` in columns: 0 node, 1 way, 2 relation, as in the PBF format. */
export const MEMBER_TYPES = ["node", "way", "relation"] as const;
export type OsmType = (typeof MEMBER_TYPES)[number];

export interface RelationColumns extends TagColumns {
  readonly count: number;
  readonly ids: Float64Array<ArrayBuffer>;
  readonly memberEnds: Uint32Array<ArrayBuffer>;
  readonly memberTypes: Uint8Array<ArrayBuffer>;
  readonly memberIds: Float64Array<ArrayBuffer>;
  /** Indices into the block's strings. */
  readonly memberRoles: Uint32Array<ArrayBuffer>;
}

export function noRelations(): RelationColumns {
  return {
    count: 0,
    ids: new Float64Array(),
    memberEnds: new Uint32Array(),
    memberTypes: new Uint8Array(),
    memberIds: new Float64Array(),
    memberRoles: new Uint32Array(),
    tagEnds: new Uint32Array(),
    tags: new Uint32Array(),
  };
}

/** Units of a degree in columns. */
export const UNITS_PER_DEGREE = 1e7;

/** Where the run of object `i` begins in a column of ends. */
export function startOf(ends: Uint32Array, i: number): number {
  return i === 0 ? 0 : (ends[i - 1] ?? 0);
}

export function countObjects({ nodes, ways, relations }: OsmBlock): number {
  return nodes.count + ways.count + relations.count;
}

/** To hand a block over to another thread. */
export function blockBuffers({ nodes, ways, relations }: OsmBlock): ArrayBuffer[] {
  const { memberEnds, memberTypes, memberIds, memberRoles } = relations;
  const columns = [nodes.ids, nodes.lons, nodes.lats, relations.ids];
  const lines = [ways.ids, ways.refEnds, ways.refs, ways.isRing, ways.lons, ways.lats];
  const tags = [nodes, ways, relations].flatMap(({ tagEnds, tags: pairs }) => [tagEnds, pairs]);
  return [
    ...new Set(
      [...columns, ...lines, memberEnds, memberTypes, memberIds, memberRoles, ...tags].map(({ buffer }) => buffer),
    ),
  ];
}
