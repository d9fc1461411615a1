import type { OsmBlock } from "./osm_block.ts";

type Column = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

export type PackedBlock = Uint8Array<ArrayBuffer>;

/** Three counts and the lengths of 22 columns, in a whole number of eight bytes. */
const HEAD_VALUES = 26;

/**
 * A block in one piece of memory: so it goes to another thread, or to a file, without an object for each of its texts, which would be written and read one by one. Texts
 * stand behind each other as UTF-8; half a surrogate pair becomes U+FFFD, as in every file that is written.
 */
export function packBlock(block: OsmBlock): PackedBlock {
  const columns = listColumns(block);
  const bytes = new Uint8Array(columns.reduce((sum, { byteLength }) => sum + byteLength, 4 * HEAD_VALUES));
  const { nodes, ways, relations } = block;
  const lengths = columns.map(({ length }) => length);
  new Uint32Array(bytes.buffer, 0, HEAD_VALUES).set([nodes.count, ways.count, relations.count, ...lengths]);
  let at = 4 * HEAD_VALUES;
  for (const { buffer, byteOffset, byteLength } of columns) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** In the order in which `unpackBlock` reads them: the widest first, so that each begins where its numbers may stand. */
function listColumns({ nodes, ways, relations, strings }: OsmBlock): Column[] {
  let end = 0;
  const textEnds = Uint32Array.from(strings, (text) => (end += text.length));
  const doubles = [nodes.ids, ways.ids, ways.refs, relations.ids, relations.memberIds];
  const places = [nodes, ways].flatMap(({ lons, lats, tagEnds, tags }) => [lons, lats, tagEnds, tags]);
  const words = [ways.refEnds, relations.tagEnds, relations.tags, relations.memberEnds, relations.memberRoles];
  const texts = Buffer.from(strings.join(""));
  return [...doubles, ...places, ...words, textEnds, ways.isRing, relations.memberTypes, texts];
}

/** @param bytes of `packBlock`; the block's columns are views of them */
export function unpackBlock(bytes: PackedBlock): OsmBlock {
  const reader = new ColumnReader(bytes);
  const [nodeIds, wayIds, refs] = [reader.doubles(), reader.doubles(), reader.doubles()];
  const [relationIds, memberIds] = [reader.doubles(), reader.doubles()];
  const [nodes, ways] = [reader.places(), reader.places()];
  const [refEnds, relations] = [reader.words(), reader.tags()];
  const [memberEnds, memberRoles, textEnds] = [reader.words(), reader.words(), reader.words()];
  const [isRing, memberTypes, texts] = [reader.bytes(), reader.bytes(), reader.bytes()];
  const [nodeCount, wayCount, relationCount] = reader.counts;
  return {
    strings: cutTexts(texts, textEnds),
    nodes: { count: nodeCount, ids: nodeIds, ...nodes },
    ways: { count: wayCount, ids: wayIds, refs, refEnds, isRing, ...ways },
    relations: {
      count: relationCount,
      ids: relationIds,
      memberIds,
      memberEnds,
      memberRoles,
      memberTypes,
      ...relations,
    },
  };
}

/** Columns one behind the other, as their lengths stand in the head. */
class ColumnReader {
  readonly counts: readonly [nodes: number, ways: number, relations: number];
  readonly #buffer: ArrayBuffer;
  readonly #lengths: Iterator<number>;
  #at: number;

  constructor({ buffer, byteOffset }: PackedBlock) {
    const [nodes = 0, ways = 0, relations = 0, ...lengths] = new Uint32Array(buffer, byteOffset, HEAD_VALUES);
    this.counts = [nodes, ways, relations];
    this.#buffer = buffer;
    this.#lengths = lengths.values();
    this.#at = byteOffset + 4 * HEAD_VALUES;
  }

  doubles(): Float64Array<ArrayBuffer> {
    return this.#next(Float64Array);
  }

  words(): Uint32Array<ArrayBuffer> {
    return this.#next(Uint32Array);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#next(Uint8Array);
  }

  tags(): { tagEnds: Uint32Array<ArrayBuffer>; tags: Uint32Array<ArrayBuffer> } {
    return { tagEnds: this.words(), tags: this.words() };
  }

  places(): { lons: Int32Array<ArrayBuffer>; lats: Int32Array<ArrayBuffer> } & ReturnType<ColumnReader["tags"]> {
    return { lons: this.#next(Int32Array), lats: this.#next(Int32Array), ...this.tags() };
  }

  #next<Each extends Column>(type: new (buffer: ArrayBuffer, at: number, length: number) => Each): Each {
    const column = new type(this.#buffer, this.#at, this.#lengths.next().value as number);
    this.#at += column.byteLength;
    return column;
  }
}

/** @param ends in UTF-16 units of all texts behind each other */
function cutTexts({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>, ends: Uint32Array): string[] {
  const all = Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
  return Array.from(ends, (end, i) => all.slice(i === 0 ? 0 : ends[i - 1], end));
}
