import type { OsmBlock } from "../../src/osm/osm_block.ts";
import type { DocumentFacts, TextReader } from "../../src/osm/text/text_reader.ts";

/** What a reader gives for a document that comes in pieces. */
export function readPieces(
  reader: TextReader,
  pieces: Iterable<Uint8Array>,
): { blocks: OsmBlock[]; facts: DocumentFacts } {
  const blocks: OsmBlock[] = [];
  for (const piece of pieces) blocks.push(...reader.feed(piece));
  const end = reader.end();
  return { blocks: [...blocks, ...end.blocks], facts: end.facts };
}

/** In two pieces, at each place. */
export function* cutsOf(bytes: Uint8Array): Generator<[Uint8Array, Uint8Array]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

export function* bytewise(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}
