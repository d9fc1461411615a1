import { closeSync, openSync, readSync } from "node:fs";
import { messageOf, TilthError } from "../../core/index.ts";
import { BlockColumns } from "../block_columns.ts";
import type { OsmBlock } from "../osm_block.ts";
import { JsonReader } from "./json_reader.ts";
import { PlainMemory } from "./plain_memory.ts";

/** Some elements of a file of Overpass JSON, to be read by whoever takes them. Where it ends is a guess, which `readJsonPiece` proves. */
export interface JsonPiece {
  readonly path: string;
  /** The document up to its first element. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** Bytes of the file: from an element up to another. */
  readonly from: number;
  readonly to: number;
}

/**
 * Read as if the elements of the piece were the first of the document. That all pieces of a document are whole shows that each begins where an element does: the first
 * one does, and one that ends behind an element's comma hands over to an element.
 * @throws `osm.invalid` also when the piece ends elsewhere, `osm.truncated`, `store.io`
 */
export function readJsonPiece(piece: JsonPiece): OsmBlock {
  return readerOf(piece).cut();
}

/** Elements at the end of a document, and what stands around all of them. @throws `osm.invalid`, `osm.truncated`, `store.io` */
export function readJsonEnd(piece: JsonPiece): ReturnType<JsonReader["end"]> {
  return readerOf(piece).end();
}

function readerOf({ path, head, from, to }: JsonPiece): JsonReader {
  const reader = new JsonReader({ objectsPerBlock: Infinity, columns });
  reader.feed(head);
  reader.feed(readRange(path, from, to));
  return reader;
}

// Kept by each thread: memory that the process has not touched before takes 2 ms a megabyte, a fifth of what reading a piece takes.
const columns = new BlockColumns();

/** @returns bytes that hold until the next call */
function readRange(path: string, from: number, to: number): Uint8Array {
  const bytes = PlainMemory.ofThread().input(to - from);
  let done = 0;
  try {
    const file = openSync(path, "r");
    try {
      for (let count = -1; count !== 0 && done < bytes.length; done += count)
        count = readSync(file, bytes, done, bytes.length - done, from + done);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new TilthError("store.io", `could not read ${path}: ${messageOf(cause)}`, { cause, fields: { path } });
  }
  if (done === bytes.length) return bytes;
  throw new TilthError("osm.truncated", `${path} became shorter while it was read`, { fields: { path } });
}
