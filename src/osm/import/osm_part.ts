import { releaseMemory } from "../../core/index.ts";
import type { DecodeOptions } from "../pbf/decode_block.ts";
import { readBlock } from "../pbf/read_block.ts";
import { blockBuffers, type OsmBlock } from "../osm_block.ts";
import { unpackBlock, type PackedBlock } from "../packed_block.ts";
import { readTextPiece, type TextPiece } from "../text/text_piece.ts";

/** A piece of the input as a thread gets it: a blob that it has to decode, elements that it has to read, a block in one piece of memory, or as it is. */
export type OsmPart =
  | { readonly kind: "blob"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "text"; readonly piece: TextPiece }
  | { readonly kind: "packed"; readonly bytes: PackedBlock }
  | { readonly kind: "block"; readonly block: OsmBlock };

/**
 * Columns of a blob hold until the next one is opened on this thread; its bytes are used up. Those of a packed block are views of its bytes.
 * @throws `osm.invalid`, `osm.unsupported`, `osm.tooLarge`
 */
export function openPart(part: OsmPart, options?: Omit<DecodeOptions, "borrowed">): OsmBlock {
  if (part.kind === "block") return part.block;
  if (part.kind === "packed") return unpackBlock(part.bytes);
  if (part.kind === "text") return readTextPiece(part.piece);
  const block = readBlock(part.bytes, options);
  releaseMemory([part.bytes]);
  return block;
}

/** Gives back at once what opening it took; nobody looks into the block any more. */
export function closePart({ kind }: OsmPart, block: OsmBlock): void {
  if (kind === "packed" || kind === "text") releaseMemory(blockBuffers(block));
}

/** What of a part may be handed over to another thread: bytes are for one look, a block may be an input's own. */
export function partBuffers(part: OsmPart): ArrayBuffer[] {
  return part.kind === "blob" || part.kind === "packed" ? [part.bytes.buffer] : [];
}
