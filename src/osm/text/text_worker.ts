import { transferred, type Transferred } from "../../concurrency/index.ts";
import { releaseMemory, TilthError } from "../../core/index.ts";
import { blockBuffers, type OsmBlock } from "../osm_block.ts";
import { JsonReader } from "./json_reader.ts";
import type { DocumentFacts, TextReader } from "./text_reader.ts";
import { XmlReader } from "./xml_reader.ts";

/** The document that this thread reads. */
let reader: TextReader | null = null;

export type TextFormat = "xml" | "json";

export function beginText(format: TextFormat): void {
  reader = format === "xml" ? new XmlReader() : new JsonReader();
}

/** Bytes are used up. */
export function feedText(bytes: Uint8Array): Transferred<OsmBlock[]> {
  const blocks = requireReader().feed(bytes);
  releaseMemory([bytes]);
  return transferred(blocks, blocks.flatMap(blockBuffers));
}

export function endText(): Transferred<{ blocks: OsmBlock[]; facts: DocumentFacts }> {
  const end = requireReader().end();
  reader = null;
  return transferred(end, end.blocks.flatMap(blockBuffers));
}

function requireReader(): TextReader {
  if (reader === null) throw new TilthError("internal", "expected beginText before");
  return reader;
}
