import type { BlockKey, DecodedBlock } from "./block_image.ts";

/** The blocks that were read last, up to so many bytes: windows with a border, or narrower than a block, want them again. */
export class BlockCache {
  readonly #maxBytes: number;
  readonly #blocks = new Map<string, DecodedBlock>();
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  find(key: BlockKey): DecodedBlock | null {
    const name = nameOf(key);
    const block = this.#blocks.get(name);
    if (block === undefined) return null;
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    return block;
  }

  /** Takes the block over, in place of one with fewer bands: what is not kept, or no more, is released. */
  add(block: DecodedBlock): void {
    const name = nameOf(block.key);
    const known = this.#blocks.get(name);
    const isNew = known === undefined || (known.only !== undefined && block.only === undefined);
    if (!isNew || block.sizeBytes > this.#maxBytes) {
      block.release?.();
      return;
    }
    if (known !== undefined) this.#drop(name, known);
    this.#blocks.set(name, block);
    this.#sizeBytes += block.sizeBytes;
    for (const [oldest, held] of this.#blocks) {
      if (this.#sizeBytes <= this.#maxBytes) return;
      this.#drop(oldest, held);
    }
  }

  #drop(name: string, { sizeBytes, release }: DecodedBlock): void {
    this.#blocks.delete(name);
    this.#sizeBytes -= sizeBytes;
    release?.();
  }

  clear(): void {
    this.#blocks.clear();
    this.#sizeBytes = 0;
  }
}

const nameOf = ({ column, row, plane }: BlockKey): string => `${column} ${row} ${plane}`;
