import { transferred, type Transferred } from "../../concurrency/index.ts";
import { releaseMemory, TilthError } from "../../core/index.ts";
import { blockBuffers, type OsmBlock } from "../osm_block.ts";
import { packBlock, type PackedBlock } from "../packed_block.ts";
import { JsonReader } from "./json_reader.ts";
import type { DocumentFacts, TextReader } from "./text_reader.ts";
import { XmlReader } from "./xml_reader.ts";

/** The document that this thread reads. */
let reader: TextReader | null = null;

export type TextFormat = "xml" | "json";

export function beginText(format: TextFormat): void {
  reader = format === "xml" ? new XmlReader() : new JsonReader();
}

/** Bytes are used up. @returns blocks of `packBlock` */
export function feedText(bytes: Uint8Array): Transferred<PackedBlock[]> {
  const blocks = requireReader().feed(bytes);
  releaseMemory([bytes]);
  return pack(blocks);
}

export function endText(): Transferred<{ blocks: PackedBlock[]; facts: DocumentFacts }> {
  const { blocks, facts } = requireReader().end();
  reader = null;
  const { value, transfer } = pack(blocks);
  return transferred({ blocks: value, facts }, transfer);
}

function pack(blocks: readonly OsmBlock[]): Transferred<PackedBlock[]> {
  const packed = blocks.map((block) => {
    const bytes = packBlock(block);
    releaseMemory(blockBuffers(block));
    return bytes;
  });
  return transferred(
    packed,
    packed.map(({ buffer }) => buffer),
  );
}

function requireReader(): TextReader {
  if (reader === null) throw new TilthError("internal", "expected beginText before");
  return reader;
}
