import { closeSync, openSync, readSync } from "node:fs";
import { messageOf, releaseMemory, TilthError } from "../../core/index.ts";
import { BlockColumns } from "../block_columns.ts";
import type { OsmBlock } from "../osm_block.ts";
import { JsonReader } from "./json_reader.ts";
import { PlainMemory } from "./plain_memory.ts";
import type { TextReader } from "./text_reader.ts";
import type { TextFormat } from "./text_worker.ts";
import { XmlReader } from "./xml_reader.ts";

/** Some elements of a file of Overpass JSON or XML, to be read by whoever takes them. Where it ends is a guess, which `readTextPiece` proves. */
export interface TextPiece {
  readonly format: TextFormat;
  readonly path: string;
  /** The document up to its first element. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** Bytes of the file: from an element up to another. */
  readonly from: number;
  readonly to: number;
}

/**
 * Read as if the elements of the piece were the first of the document. That all pieces of a document are whole shows that each begins where an element does: the first
 * one does, and one that ends between two elements hands over to an element.
 * @throws `osm.invalid` also when the piece ends elsewhere, `osm.truncated`, `store.io`
 */
export function readTextPiece(piece: TextPiece): OsmBlock {
  return readerOf(piece).cut();
}

/** Elements at the end of a document, and what stands around all of them. @throws `osm.invalid`, `osm.truncated`, `store.io` */
export function readTextEnd(piece: TextPiece): ReturnType<TextReader["end"]> {
  return readerOf(piece).end();
}

function readerOf({ format, path, head, from, to }: TextPiece): TextReader {
  const options = { objectsPerBlock: Infinity, columns };
  const reader = format === "json" ? new JsonReader(options) : new XmlReader(options);
  reader.feed(head);
  const bytes = format === "json" ? PlainMemory.ofThread().input(to - from) : new Uint8Array(to - from);
  readRange(path, from, bytes);
  reader.feed(bytes);
  if (format === "xml") releaseMemory([bytes]);
  return reader;
}

// Kept by each thread: memory that the process has not touched before takes 2 ms a megabyte, a fifth of what reading a piece takes.
const columns = new BlockColumns();

function readRange(path: string, from: number, bytes: Uint8Array): void {
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
  if (done < bytes.length)
    throw new TilthError("osm.truncated", `${path} became shorter while it was read`, { fields: { path } });
}
