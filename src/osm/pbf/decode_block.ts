import { PbfReader } from "pbf";
import { type Column, Float64Column, TilthError, Uint32Column, Uint8Column } from "../../core/index.ts";
import { NO_PLACE, UNITS_PER_DEGREE, type OsmBlock } from "../osm_block.ts";
import { BlockColumns, type DeletedObjects } from "../block_columns.ts";
import { orInvalid } from "./or_invalid.ts";
import { readDeltas, readNumbers, readRing } from "./packed_numbers.ts";

export interface DecodeOptions {
  /** Kinds that are not wanted are passed over, which is ten times as fast. @default all */
  readonly nodes?: boolean;
  readonly ways?: boolean;
  readonly relations?: boolean;
  /** Of ways; without them it is only known whether a way is a ring. @default true */
  readonly refs?: boolean;
  /** Columns in the memory of this thread, which hold until the next block is decoded. @default copies */
  readonly borrowed?: boolean;
}

/** A block of a file with history: all versions of objects, those that were deleted among them. */
export interface VersionedBlock {
  readonly block: OsmBlock;
  readonly deleted: DeletedObjects;
}

/** Degrees that a number of nanodegrees is of a unit of ours. */
const UNITS_PER_NANO = UNITS_PER_DEGREE / 1e9;
/** Half the world, in units: a longitude beyond is damage. */
const MAX_LON = 180 * UNITS_PER_DEGREE;

/** A `PrimitiveBlock`, decompressed. @throws `osm.invalid` */
export function decodeBlock(bytes: Uint8Array, options: DecodeOptions = {}): OsmBlock {
  return orInvalid("a block", () => decode(new PbfReader(bytes), options, false).block);
}

/** The same with deleted objects. @throws `osm.invalid` */
export function decodeVersions(bytes: Uint8Array): VersionedBlock {
  return orInvalid("a block", () => decode(new PbfReader(bytes), {}, true));
}

/** Of this thread, for one block after another: columns that have grown once need not grow again. */
const columns = new BlockColumns();
const keys = new Uint32Column();
const values = new Uint32Column();
const dense = {
  lons: new Float64Column(),
  lats: new Float64Column(),
  tags: new Uint32Column(),
  visible: new Uint8Column(),
};

function decode(pbf: PbfReader, options: DecodeOptions, keepDeleted: boolean): VersionedBlock {
  const strings: string[] = [];
  const groups: number[] = [];
  const scale = { granularity: 100, latOffset: 0, lonOffset: 0 };
  pbf.readFields((tag) => {
    if (tag === 1) pbf.readMessage((each) => each === 1 && strings.push(pbf.readString()), null);
    else if (tag === 2) groups.push(pbf.pos);
    else if (tag === 17) scale.granularity = pbf.readVarint();
    else if (tag === 19) scale.latOffset = pbf.readVarint(true);
    else if (tag === 20) scale.lonOffset = pbf.readVarint(true);
  }, null);
  columns.clear();
  // Granularity and offsets stand behind the groups that need them.
  for (const start of groups) {
    pbf.pos = start;
    new GroupReader(pbf, scale, { ...options, keepDeleted }).read();
  }
  const block = columns.finish(strings, options.borrowed === true ? "view" : "take");
  for (const ids of [block.nodes.ids, block.ways.ids, block.ways.refs, block.relations.ids, block.relations.memberIds])
    if (ids.some((id) => !Number.isSafeInteger(id))) fail("it has an id of more than 53 bits");
  return { block, deleted: columns.deleted };
}

type Place = readonly [x: number, y: number];
const NOWHERE: Place = [0, 0];

type GroupOptions = DecodeOptions & { readonly keepDeleted: boolean };

class GroupReader {
  readonly #pbf: PbfReader;
  readonly #options: GroupOptions;
  readonly #lonUnits: (value: number) => number;
  readonly #latUnits: (value: number) => number;
  /** Of the object that is being read. */
  #id = 0;
  #isVisible = true;

  constructor(
    pbf: PbfReader,
    scale: { granularity: number; latOffset: number; lonOffset: number },
    options: GroupOptions,
  ) {
    this.#pbf = pbf;
    this.#options = options;
    const { granularity, latOffset, lonOffset } = scale;
    const usual = granularity === 100 && latOffset === 0 && lonOffset === 0;
    const convert = (offset: number) => (value: number) => Math.round((offset + granularity * value) * UNITS_PER_NANO);
    this.#lonUnits = usual ? (value) => value : convert(lonOffset);
    this.#latUnits = usual ? (value) => value : convert(latOffset);
  }

  /** Fields of `PrimitiveGroup`: nodes 1, dense 2, ways 3, relations 4; changesets (5) are passed over. */
  read(): void {
    const { nodes = true, ways = true, relations = true } = this.#options;
    const pbf = this.#pbf;
    const end = pbf.readVarint() + pbf.pos;
    if (end > pbf.length) fail("a group ends beyond its block");
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1 && nodes) this.#readNode();
      else if (tag === 2 && nodes) this.#readDense();
      else if (tag === 3 && ways) this.#readWay();
      else if (tag === 4 && relations) this.#readRelation();
    }
  }

  #readNode(): void {
    const pbf = this.#pbf;
    const end = this.#beginObject();
    let lon = 0;
    let lat = 0;
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1) this.#id = pbf.readSVarint();
      else if (tag === 8) lat = pbf.readSVarint();
      else if (tag === 9) lon = pbf.readSVarint();
      else this.#readCommon(tag);
    }
    if (!this.#isVisible && !this.#keeps("nodes")) return;
    if (this.#isVisible) this.#addTags(columns.nodes.tags);
    columns.addNode(this.#id, ...(this.#isVisible ? this.#place(lon, lat) : NOWHERE));
  }

  /** Fields of `DenseNodes`: id 1, denseinfo 5, lat 8, lon 9, keys_vals 10; ids and coordinates as differences. */
  #readDense(): void {
    const pbf = this.#pbf;
    const { ids } = columns.nodes;
    const first = ids.length;
    for (const column of Object.values(dense)) column.cut(0);
    pbf.readMessage((tag) => {
      if (tag === 1) readDeltas(pbf, ids);
      else if (tag === 5) pbf.readMessage((each) => each === 6 && readNumbers(pbf, dense.visible), null);
      else if (tag === 8) readDeltas(pbf, dense.lats);
      else if (tag === 9) readDeltas(pbf, dense.lons);
      else if (tag === 10) readNumbers(pbf, dense.tags);
    }, null);
    const count = ids.length - first;
    if (dense.lats.length !== count || dense.lons.length !== count)
      fail("dense nodes have columns of different length");
    this.#addDense(first, count);
  }

  /** Their ids have been read. Deleted nodes have no place; some programs write one outside of the world. */
  #addDense(first: number, count: number): void {
    const { lons, lats, tags, tagEnds } = columns.nodes;
    const [x, y, ends] = [lons.extend(count), lats.extend(count), tagEnds.extend(count)];
    const from = { lons: dense.lons.values, lats: dense.lats.values, tags: dense.tags };
    let at = 0;
    for (let i = 0; i < count; i++) {
      const isDeleted = i < dense.visible.length && dense.visible.at(i) === 0;
      // Key, value, key, value ..., those of a node ended by 0.
      for (let key = from.tags.at(at++); key !== 0; key = from.tags.at(at++)) {
        tags.push(key);
        tags.push(from.tags.at(at++));
      }
      [x[first + i], y[first + i]] = isDeleted ? NOWHERE : this.#place(from.lons[i] as number, from.lats[i] as number);
      ends[first + i] = tags.length;
    }
    if (dense.visible.length > 0) this.#dropDeleted(first, count);
  }

  /** Of the nodes that were added last, unless they are to be kept. */
  #dropDeleted(first: number, count: number): void {
    const { ids, lons, lats, tags, tagEnds } = columns.nodes;
    let to = first;
    let tagsTo = first === 0 ? 0 : tagEnds.at(first - 1);
    let tagsFrom = tagsTo;
    for (let i = first; i < first + count; i++) {
      const end = tagEnds.at(i);
      const isDeleted = i - first < dense.visible.length && dense.visible.at(i - first) === 0;
      if (isDeleted && this.#options.keepDeleted) columns.deleted.nodes.add(to);
      if (!isDeleted || this.#options.keepDeleted) {
        for (; tagsFrom < end; tagsFrom++) tags.set(tagsTo++, tags.at(tagsFrom));
        ids.set(to, ids.at(i));
        lons.set(to, lons.at(i));
        lats.set(to, lats.at(i));
        tagEnds.set(to++, tagsTo);
      }
      tagsFrom = end;
    }
    for (const column of [ids, lons, lats, tagEnds]) column.cut(to);
    tags.cut(tagsTo);
  }

  /** Fields of `Way`: refs 8 and, where a file has places with its ways, lat 9, lon 10. */
  #readWay(): void {
    const pbf = this.#pbf;
    const { refs } = columns.ways;
    for (const column of [dense.lons, dense.lats]) column.cut(0);
    const hasRefs = this.#options.refs !== false;
    const firstRef = refs.length;
    let isRing = false;
    const end = this.#beginObject();
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1) this.#id = pbf.readVarint(true);
      else if (tag === 8 && hasRefs) readDeltas(pbf, refs);
      else if (tag === 8) isRing = readRing(pbf);
      else if (tag === 9 && hasRefs) readDeltas(pbf, dense.lats);
      else if (tag === 10 && hasRefs) readDeltas(pbf, dense.lons);
      else this.#readCommon(tag);
    }
    if (!this.#isVisible && !this.#keeps("ways")) return refs.cut(firstRef);
    this.#addTags(columns.ways.tags);
    this.#placeRefs(firstRef);
    if (hasRefs) columns.addWay(this.#id);
    else columns.addRefless(this.#id, isRing);
  }

  /** Puts the places of the way that was read with its refs. */
  #placeRefs(firstRef: number): void {
    const { lons, lats } = dense;
    if (lons.length === 0 && lats.length === 0) return;
    const count = columns.ways.refs.length - firstRef;
    if (lons.length !== count || lats.length !== count) fail("a way has not as many places as nodes");
    for (let i = 0; i < count; i++) columns.setPlace(firstRef + i, ...this.#place(lons.at(i), lats.at(i)));
  }

  /** Fields of `Relation`: roles 8, member ids 9, types 10. */
  #readRelation(): void {
    const pbf = this.#pbf;
    const { memberRoles, memberIds, memberTypes, tags } = columns.relations;
    const first = memberIds.length;
    const end = this.#beginObject();
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1) this.#id = pbf.readVarint(true);
      else if (tag === 8) readNumbers(pbf, memberRoles);
      else if (tag === 9) readDeltas(pbf, memberIds);
      else if (tag === 10) readNumbers(pbf, memberTypes);
      else this.#readCommon(tag);
    }
    if (memberRoles.length !== memberIds.length || memberTypes.length !== memberIds.length)
      fail("a relation has members without type or role");
    if (this.#isVisible || this.#keeps("relations")) {
      this.#addTags(tags);
      return columns.addRelation(this.#id);
    }
    for (const column of [memberRoles, memberIds, memberTypes]) column.cut(first);
  }

  /** Whether a deleted object is added; the next of its kind is it then. */
  #keeps(kind: keyof DeletedObjects): boolean {
    if (!this.#options.keepDeleted) return false;
    columns.deleted[kind].add(columns[kind].ids.length);
    return true;
  }

  /** @returns where the message of the object ends */
  #beginObject(): number {
    this.#id = 0;
    this.#isVisible = true;
    keys.cut(0);
    values.cut(0);
    const end = this.#pbf.readVarint() + this.#pbf.pos;
    return end <= this.#pbf.length ? end : fail("an object ends beyond its block");
  }

  /** Keys 2, values 3, info 4, of which only the flag of deleted objects (6) is looked at. */
  #readCommon(tag: number): void {
    const pbf = this.#pbf;
    if (tag === 2) readNumbers(pbf, keys);
    else if (tag === 3) readNumbers(pbf, values);
    else if (tag === 4) this.#readInfo();
  }

  /** Field 6 is the flag of deleted objects. Without a closure: there is one for each object. */
  #readInfo(): void {
    const pbf = this.#pbf;
    const end = pbf.readVarint() + pbf.pos;
    if (end > pbf.length) fail("an object ends beyond its block");
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end))
      if (tag === 6) this.#isVisible = pbf.readBoolean();
  }

  /** Of the object that was read. */
  #addTags(into: Column<Uint32Array<ArrayBuffer>>): void {
    if (keys.length !== values.length) fail("an object has keys without values");
    let to = into.length;
    const tags = into.extend(2 * keys.length);
    for (let i = 0; i < keys.length; i++) {
      tags[to++] = keys.at(i);
      tags[to++] = values.at(i);
    }
  }

  /** In units; osmium writes places that it does not know as they are. */
  #place(lon: number, lat: number): Place {
    const [x, y] = [this.#lonUnits(lon), this.#latUnits(lat)];
    return x === NO_PLACE && y === NO_PLACE ? [x, y] : [inRange(x, MAX_LON), inRange(y, MAX_LON / 2)];
  }
}

function inRange(units: number, limit: number): number {
  if (units >= -limit && units <= limit) return units;
  return fail("a node lies outside of the world");
}

function fail(why: string): never {
  throw new TilthError("osm.invalid", `a block of the .osm.pbf file cannot be read: ${why}; the file is damaged`);
}
