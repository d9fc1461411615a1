import { blockBuffers, type OsmBlock } from "../osm_block.ts";
import type { OsmPart } from "./osm_part.ts";

/** What is known of the parts after the first look: which need no second one, and blocks of texts, which are dear to parse, as far as there is room. */
export class PartCache {
  readonly #maxBytes: number;
  readonly #blocks = new Map<number, OsmBlock>();
  readonly #bare = new Set<number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @param index of the part in the input */
  offer(index: number, { block, isBare }: { block: OsmBlock | null; isBare: boolean }): void {
    if (isBare) this.#bare.add(index);
    const bytes = isBare || block === null ? 0 : sizeOf(block);
    if (bytes === 0 || block === null || this.#bytes + bytes > this.#maxBytes) return;
    this.#bytes += bytes;
    this.#blocks.set(index, block);
  }

  /** Whether the input need not be read again. */
  hasAll(count: number): boolean {
    return this.#blocks.size + this.#bare.size === count;
  }

  isBare(index: number): boolean {
    return this.#bare.has(index);
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
