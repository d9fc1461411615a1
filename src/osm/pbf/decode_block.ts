import { PbfReader } from "pbf";
import { TilthError, Uint32Column, type Column } from "../../core/index.ts";
import { UNITS_PER_DEGREE, type OsmBlock } from "../osm_block.ts";
import { BlockColumns, type DeletedObjects } from "../block_columns.ts";
import { orInvalid } from "./or_invalid.ts";
import { readPackedDeltas, readPackedNumbers } from "./packed_numbers.ts";

export interface DecodeOptions {
  /** Kinds that are not wanted are passed over, which is ten times as fast. @default all */
  readonly nodes?: boolean;
  readonly ways?: boolean;
  readonly relations?: boolean;
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
  const columns = new BlockColumns();
  // Granularity and offsets stand behind the groups that need them.
  for (const start of groups) {
    pbf.pos = start;
    new GroupReader(pbf, columns, scale, { ...options, keepDeleted }).read();
  }
  return { block: columns.finish(strings), deleted: columns.deleted };
}

type GroupOptions = DecodeOptions & { readonly keepDeleted: boolean };

class GroupReader {
  readonly #pbf: PbfReader;
  readonly #columns: BlockColumns;
  readonly #options: GroupOptions;
  readonly #lonUnits: (value: number) => number;
  readonly #latUnits: (value: number) => number;
  /** Of the object that is being read; one set for all, because there are thousands. */
  #id = 0;
  #isVisible = true;
  readonly #keys = new Uint32Column();
  readonly #values = new Uint32Column();
  readonly #pairs = new Uint32Column();

  constructor(
    pbf: PbfReader,
    columns: BlockColumns,
    scale: { granularity: number; latOffset: number; lonOffset: number },
    options: GroupOptions,
  ) {
    this.#pbf = pbf;
    this.#columns = columns;
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
    if (this.#isVisible) this.#columns.addNode(this.#id, this.#lon(lon), this.#lat(lat), this.#tags());
    else if (this.#keeps("nodes")) this.#columns.addNode(this.#id, 0, 0, []);
  }

  /** Fields of `DenseNodes`: id 1, denseinfo 5, lat 8, lon 9, keys_vals 10; ids and coordinates as differences. */
  #readDense(): void {
    const pbf = this.#pbf;
    const dense = { ids: NO_NUMBERS, lons: NO_NUMBERS, lats: NO_NUMBERS, tags: NO_NUMBERS, visible: NO_NUMBERS };
    pbf.readMessage((tag) => {
      if (tag === 1) dense.ids = readPackedDeltas(pbf);
      else if (tag === 5) pbf.readMessage((each) => each === 6 && (dense.visible = readPackedNumbers(pbf)), null);
      else if (tag === 8) dense.lats = readPackedDeltas(pbf);
      else if (tag === 9) dense.lons = readPackedDeltas(pbf);
      else if (tag === 10) dense.tags = readPackedNumbers(pbf);
    }, null);
    if (dense.lats.length !== dense.ids.length || dense.lons.length !== dense.ids.length)
      fail("dense nodes have columns of different length");
    for (let i = 0; i < dense.ids.length; i++) {
      // Deleted nodes have no place; some programs write one outside of the world.
      if (dense.visible[i] === 0) dense.lons[i] = dense.lats[i] = 0;
      dense.lons[i] = this.#lon(dense.lons[i] as number);
      dense.lats[i] = this.#lat(dense.lats[i] as number);
    }
    this.#columns.addDense(dense, this.#options.keepDeleted);
  }

  #readWay(): void {
    const pbf = this.#pbf;
    const { refs } = this.#columns.ways;
    const firstRef = refs.length;
    const end = this.#beginObject();
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1) this.#id = pbf.readVarint(true);
      else if (tag === 8) this.#readDeltas(refs);
      else this.#readCommon(tag);
    }
    if (this.#isVisible || this.#keeps("ways")) this.#columns.addWay(this.#id, this.#tags());
    else refs.cut(firstRef);
  }

  /** Fields of `Relation`: roles 8, member ids 9, types 10. */
  #readRelation(): void {
    const pbf = this.#pbf;
    const { memberRoles, memberIds, memberTypes } = this.#columns.relations;
    const first = memberIds.length;
    const end = this.#beginObject();
    for (let tag = pbf.nextField(end); tag !== 0; tag = pbf.nextField(end)) {
      if (tag === 1) this.#id = pbf.readVarint(true);
      else if (tag === 8) this.#readNumbers(memberRoles);
      else if (tag === 9) this.#readDeltas(memberIds);
      else if (tag === 10) this.#readNumbers(memberTypes);
      else this.#readCommon(tag);
    }
    if (memberRoles.length !== memberIds.length || memberTypes.length !== memberIds.length)
      fail("a relation has members without type or role");
    if (this.#isVisible || this.#keeps("relations")) return this.#columns.addRelation(this.#id, this.#tags());
    for (const column of [memberRoles, memberIds, memberTypes]) column.cut(first);
  }

  /** Whether a deleted object is added; the next of its kind is it then. */
  #keeps(kind: keyof DeletedObjects): boolean {
    if (!this.#options.keepDeleted) return false;
    this.#columns.deleted[kind].add(this.#columns[kind].ids.length);
    return true;
  }

  /** @returns where the message of the object ends */
  #beginObject(): number {
    this.#id = 0;
    this.#isVisible = true;
    this.#keys.cut(0);
    this.#values.cut(0);
    const end = this.#pbf.readVarint() + this.#pbf.pos;
    return end <= this.#pbf.length ? end : fail("an object ends beyond its block");
  }

  /** Keys 2, values 3, info 4, of which only the flag of deleted objects (6) is looked at. */
  #readCommon(tag: number): void {
    const pbf = this.#pbf;
    if (tag === 2) this.#readNumbers(this.#keys);
    else if (tag === 3) this.#readNumbers(this.#values);
    else if (tag === 4) pbf.readMessage((each) => each === 6 && (this.#isVisible = pbf.readBoolean()), null);
  }

  /** Key, value, key, value ... of the object; holds until the next one. */
  #tags(): Column<Uint32Array<ArrayBuffer>> {
    if (this.#keys.length !== this.#values.length) fail("an object has keys without values");
    this.#pairs.cut(0);
    for (let i = 0; i < this.#keys.length; i++) {
      this.#pairs.push(this.#keys.at(i));
      this.#pairs.push(this.#values.at(i));
    }
    return this.#pairs;
  }

  #readDeltas(into: Column<Float64Array<ArrayBuffer>>): void {
    const pbf = this.#pbf;
    const end = this.#packedEnd();
    let value = 0;
    while (pbf.pos < end) into.push((value += pbf.readSVarint()));
  }

  #readNumbers(into: { push(value: number): void }): void {
    const pbf = this.#pbf;
    const end = this.#packedEnd();
    while (pbf.pos < end) into.push(pbf.readVarint());
  }

  #packedEnd(): number {
    const end = this.#pbf.readPackedEnd();
    if (end > this.#pbf.length) fail("a list ends beyond its block");
    return end;
  }

  #lon(value: number): number {
    return inRange(this.#lonUnits(value), MAX_LON);
  }

  #lat(value: number): number {
    return inRange(this.#latUnits(value), MAX_LON / 2);
  }
}

const NO_NUMBERS: Float64Array<ArrayBuffer> = new Float64Array();

function inRange(units: number, limit: number): number {
  if (units >= -limit && units <= limit) return units;
  return fail("a node lies outside of the world");
}

function fail(why: string): never {
  throw new TilthError("osm.invalid", `a block of the .osm.pbf file cannot be read: ${why}; the file is damaged`);
}
