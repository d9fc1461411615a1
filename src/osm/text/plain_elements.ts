import type { BlockBuilder } from "../block_builder.ts";
import { PlainMemory } from "./plain_memory.ts";

/** Of a text: where it begins, its bytes, a hash. */
const TEXT_VALUES = 3;

/**
 * Nodes and ways as nearly all are written, straight from their bytes to columns: 500 MB/s, where `JSON.parse` and its objects take 30. What is
 * written in any other way (escapes, members, geometry, numbers with exponents, keys twice, faults) is not touched: it goes the long way, which
 * also knows what to say of it.
 */
export class PlainElements {
  readonly #memory = PlainMemory.ofThread();
  #builder: BlockBuilder | null = null;
  /** Places in the builder's texts of those of the input, by their numbers. */
  #places: number[] = [];

  /**
   * Adds the element that begins at `from`, and those behind it with commas between them.
   * @param limit elements at the most, 1 or more
   * @returns where the last one ends; -1 when the first one is not plain, or not whole: then nothing is added
   */
  read(bytes: Buffer, from: number, builder: BlockBuilder, limit = Infinity): number {
    const memory = this.#memory;
    const isNew = memory.place(bytes, this) || builder !== this.#builder;
    this.#builder = builder;
    const end = memory.read(from, Math.min(limit, memory.maxElements), isNew);
    const counts = memory.integers("COUNTS", 7);
    this.#learnTexts(builder, counts[5] as number, counts[6] as number);
    if (end === from) return -1;
    this.#add(builder, counts);
    return end;
  }

  /** @param first of those that are new, from 0 when all are */
  #learnTexts(builder: BlockBuilder, first: number, count: number): void {
    this.#places.length = first;
    const texts = this.#memory.integers("TEXTS", TEXT_VALUES * count);
    for (let i = TEXT_VALUES * first; i < texts.length; i += TEXT_VALUES)
      this.#places.push(builder.texts.intern(this.#memory.text(texts[i] as number, texts[i + 1] as number)));
  }

  #add(builder: BlockBuilder, [nodes = 0, ways = 0, nodeTags = 0, wayTags = 0, refs = 0]: Int32Array): void {
    const memory = this.#memory;
    builder.addNodes({
      ids: memory.doubles("NODE_IDS", nodes),
      lons: memory.integers("NODE_LONS", nodes),
      lats: memory.integers("NODE_LATS", nodes),
      tagEnds: memory.integers("NODE_TAG_ENDS", nodes),
      tags: this.#placed(memory.integers("NODE_TAGS", nodeTags)),
    });
    builder.addWays({
      ids: memory.doubles("WAY_IDS", ways),
      refEnds: memory.integers("WAY_REF_ENDS", ways),
      refs: memory.doubles("REFS", refs),
      isRing: memory.bytes("WAY_IS_RING", ways),
      tagEnds: memory.integers("WAY_TAG_ENDS", ways),
      tags: this.#placed(memory.integers("WAY_TAGS", wayTags)),
    });
  }

  /** Where they are. */
  #placed(tags: Int32Array): Int32Array {
    const places = this.#places;
    for (let i = 0; i < tags.length; i++) tags[i] = places[tags[i] as number] as number;
    return tags;
  }
}
