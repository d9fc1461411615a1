import type { BlockBuilder } from "../block_builder.ts";
import type { BlockColumns } from "../block_columns.ts";
import type { OsmBlock } from "../osm_block.ts";

/** What stands around the objects of a document. */
export interface DocumentFacts {
  /** Of the data, UTC milliseconds. */
  readonly dataTimeMs: number | null;
  /** What the service had to say, e.g. that it gave up. */
  readonly remark: string | null;
}

/** Takes a document in pieces and gives its objects in blocks. */
export interface TextReader {
  /** @returns blocks that are full @throws `osm.invalid`, `osm.tooLarge` */
  feed(bytes: Uint8Array): OsmBlock[];
  /** Instead of the end, at the border of two elements: what is not full. @throws `osm.invalid` anywhere else */
  cut(): OsmBlock;
  /** The rest. @throws `osm.truncated` when the document has no end */
  end(): { readonly blocks: OsmBlock[]; readonly facts: DocumentFacts };
}

export interface TextReaderOptions {
  /** @default 8000, or fewer with many parts */
  readonly objectsPerBlock?: number;
  /** Memory to build blocks in, of one reader at a time. */
  readonly columns?: BlockColumns;
}

/** Objects in a block, as in the PBF format. */
export const OBJECTS_PER_BLOCK = 8000;
/** Nodes of ways and members of relations in a block: 8,000 relations of a town would have a million. */
export const PARTS_PER_BLOCK = 100_000;
/** Of one object with all that is in it: a relation of 32,000 members has 3 MB as XML. */
export const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

/** Whether a block is to end. @param objectsPerBlock Infinity for a piece that is one block, however many parts it has */
export function isFull({ count, parts }: BlockBuilder, objectsPerBlock: number): boolean {
  return count >= objectsPerBlock || (objectsPerBlock !== Infinity && parts >= PARTS_PER_BLOCK);
}

/** UTC milliseconds; null for what is no time. */
export function timeOf(text: unknown): number | null {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}
