import { blockBuffers, type OsmBlock } from "../osm_block.ts";
import type { OsmPart } from "./osm_part.ts";

/** Blocks of the first look at the input, kept for the second as far as there is room; the other parts are read again. */
export class PartCache {
  readonly #maxBytes: number;
  readonly #blocks = new Map<number, OsmBlock>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param index of the part in the input */
  offer(index: number, block: OsmBlock): void {
    const bytes = sizeOf(block);
    if (this.#bytes + bytes > this.#maxBytes) return;
    this.#bytes += bytes;
    this.#blocks.set(index, block);
  }

  /** Every part that was not kept must be read again. */
  hasAll(count: number): boolean {
    return this.#blocks.size === count;
  }

  /** Hands a block out; it is not kept any longer. */
  take(index: number): OsmPart | null {
    const block = this.#blocks.get(index);
    if (block === undefined) return null;
    this.#blocks.delete(index);
    return { kind: "block", block };
  }
}

/** Of its columns and, roughly, its texts. */
function sizeOf(block: OsmBlock): number {
  const columns = blockBuffers(block).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return block.strings.reduce((sum, { length }) => sum + 24 + 2 * length, columns);
}
